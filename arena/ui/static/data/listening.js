/* Hands on the page: every button and field outside the filters, and which of the page's actions it asks for. */

/** Tie what a person does to a data page. */
export function listen(page) {
  const { one, all } = page.view;
  const pressed = (hook, does) => one(hook).addEventListener("click", does);
  one("[data-token-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    page.offer(one("[data-token]").value.trim());
  });
  one("[data-stored]").addEventListener("change", (event) => {
    const stored = page.state.stored.find((found) => found.name === event.target.value);
    if (stored) page.take(stored.select);
  });
  pressed("[data-forget]", () => page.forget());
  pressed("[data-reset]", () => page.take({}));
  pressed("[data-others-button]", () => page.others());
  pressed("[data-to-build]", () => page.view.focus("#build-heading"));
  pressed("[data-build]", () => page.building.start());
  pressed("[data-stop]", () => page.building.stop());
  for (const choice of all("[name=format]")) choice.addEventListener("change", () => page.format(choice.value));
}
