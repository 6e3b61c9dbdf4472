/* One tree made into another with as few changes as can be, so that what stays keeps its focus, selection and place. */

/** Make `node`, which is on the page, equal to `wanted`; returns what is on the page afterwards. */
export function patch(node, wanted) {
  if (node.nodeType !== wanted.nodeType || node.nodeName !== wanted.nodeName) {
    node.replaceWith(wanted);
    return wanted;
  }
  if (node.nodeType === Node.TEXT_NODE) {
    if (node.data !== wanted.data) node.data = wanted.data;
    return node;
  }
  for (const { name } of [...node.attributes]) if (!wanted.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  const children = [...wanted.childNodes];
  children.forEach((child, index) => {
    if (index < node.childNodes.length) patch(node.childNodes[index], child);
    else node.append(child);
  });
  while (node.childNodes.length > children.length) node.lastChild.remove();
  return node;
}
