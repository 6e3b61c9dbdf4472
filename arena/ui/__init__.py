"""The pages: Gradio, and every word a rater reads. They show and ask; they hold no rule."""

from arena.ui import stubless

stubless.install()  # before any module of this package imports Gradio
