"""The tokens of static/tokens.css as a Gradio theme: values point at CSS variables, so colours live in one place.

Light and dark must both be set: a variable is resolved where it is declared, so only the `_dark` copy,
declared on `.dark`, picks up the dark tokens. The page's own background and text are the one exception: Gradio
paints them before any stylesheet has come, so they are written out, and a test compares them with the tokens.
"""

import inspect

import gradio as gr

PAPER = {"light": "#f2f5f4", "dark": "#0e1615"}
INK = {"light": "#12201f", "dark": "#e8efed"}

TOKENS = {
    "paper": (
        "background_fill_secondary block_background_fill panel_background_fill block_label_background_fill "
        "block_title_background_fill checkbox_label_background_fill"
    ),
    "sheet": (
        "background_fill_primary input_background_fill input_background_fill_focus input_background_fill_hover "
        "checkbox_background_color checkbox_background_color_focus checkbox_background_color_hover "
        "table_even_background_fill table_odd_background_fill button_secondary_background_fill "
        "button_secondary_background_fill_hover"
    ),
    "ink": (
        "block_label_text_color block_title_text_color table_text_color accordion_text_color "
        "button_secondary_text_color button_secondary_text_color_hover button_secondary_border_color_hover "
        "input_border_color_hover checkbox_border_color_hover checkbox_label_text_color_selected"
    ),
    "ink-2": "body_text_color_subdued block_info_text_color checkbox_label_text_color",
    "ink-3": "input_placeholder_color",
    "line": (
        "border_color_primary block_border_color block_label_border_color panel_border_color table_border_color "
        "checkbox_label_border_color"
    ),
    "edge": "input_border_color checkbox_border_color button_secondary_border_color",
    "accent": (
        "color_accent border_color_accent link_text_color link_text_color_active link_text_color_visited "
        "button_primary_background_fill button_primary_border_color checkbox_background_color_selected "
        "checkbox_border_color_selected checkbox_border_color_focus input_border_color_focus slider_color loader_color"
    ),
    "accent-hover": "button_primary_background_fill_hover button_primary_border_color_hover link_text_color_hover",
    "accent-soft": (
        "color_accent_soft border_color_accent_subdued checkbox_label_background_fill_selected "
        "checkbox_label_background_fill_hover stat_background_fill table_row_focus"
    ),
    "on-accent": "button_primary_text_color button_primary_text_color_hover",
    "notice": (
        "error_text_color error_icon_color error_border_color button_cancel_text_color button_cancel_text_color_hover "
        "button_cancel_border_color button_cancel_border_color_hover"
    ),
    "notice-soft": "error_background_fill button_cancel_background_fill button_cancel_background_fill_hover",
    "code": "code_background_fill",
}
"""Token, and the Gradio variables it feeds in both themes."""

FIXED = {
    "t-md": "body_text_size input_text_size button_medium_text_size checkbox_label_text_size",
    "t-lg": "prose_text_size button_large_text_size",
    "t-sm": "block_info_text_size block_label_text_size block_title_text_size button_small_text_size",
    "r1": "input_radius checkbox_border_radius block_label_radius block_title_radius",
    "r2": ("block_radius container_radius table_radius button_large_radius button_medium_radius button_small_radius"),
    "s4": "layout_gap",
}
"""Token, and the Gradio variables it feeds that have no dark copy."""

SHADOWS = (
    "block_shadow block_label_shadow input_shadow shadow_drop shadow_drop_lg button_primary_shadow "
    "button_secondary_shadow"
)


def arena_theme() -> gr.themes.Base:
    """The theme of every page. Fonts are plain names, never `GoogleFont`: nothing is fetched from elsewhere."""
    known = inspect.signature(gr.themes.Base.set).parameters
    values = {
        "body_background_fill": PAPER["light"],
        "body_background_fill_dark": PAPER["dark"],
        "body_text_color": INK["light"],
        "body_text_color_dark": INK["dark"],
    }
    for token, names in TOKENS.items():
        for name in names.split():
            values[name] = f"var(--{token})"
            if f"{name}_dark" in known:
                values[f"{name}_dark"] = f"var(--{token})"
    for token, names in FIXED.items():
        values.update(dict.fromkeys(names.split(), f"var(--{token})"))
    values.update(dict.fromkeys(SHADOWS.split(), "none"))
    values |= {
        "input_shadow_focus": "var(--focus)",
        "block_border_width": "0px",
        "form_gap_width": "1px",
        "button_border_width": "1px",
        "input_border_width": "1px",
        "block_padding": "12px 0",
        "button_transition": "all var(--ease)",
    }
    font = ["Atkinson Hyperlegible Next", "ui-sans-serif", "system-ui", "sans-serif"]
    mono = ["Atkinson Hyperlegible Mono", "ui-monospace", "monospace"]
    plain = gr.themes.Base(
        font=[gr.themes.Font(name) for name in font], font_mono=[gr.themes.Font(name) for name in mono]
    )
    return plain.set(**values)
