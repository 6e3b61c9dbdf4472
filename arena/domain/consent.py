"""What raters are told about their prompts and votes before they give them, by version.

A text is never changed: a new one gets the next number, and is shown from then on. The battle page shows the newest.
Until there is a second one, every vote that was given here was given under the first; whoever writes the second also
records from which line of the ledger on it was shown.
"""

TEXTS = {"1": "Do not enter personal details: prompts and votes may be published in a release."}
"""By version, the oldest first."""
VERSION = "1"
"""Of the text that is shown now."""
