"""The Gradio pages and every word a rater reads."""
