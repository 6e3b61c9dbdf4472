"""The pages: Gradio, and every word a rater reads. They show and ask; they hold no rule."""
