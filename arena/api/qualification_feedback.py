"""What the answer to a vote tells of a qualification: at once in practice, at the end of a test."""

from arena.api.bodies import Miss, PracticeTold, ResultTold, moment
from arena.services.qualifying import Feedback, PracticeFeedback


def told(feedback: Feedback | None) -> PracticeTold | ResultTold | None:
    """Feedback as it is told; None where there is none."""
    if feedback is None:
        return None
    if isinstance(feedback, PracticeFeedback):
        return PracticeTold(right=feedback.right, known=feedback.known.value, explanation=feedback.explanation)
    result = feedback.result
    return ResultTold(
        passed=result.passed,
        right=result.correct,
        answered=result.answered,
        needed=result.needed,
        tries_left=feedback.tries_left,
        again_at=moment(feedback.again_at),
        until=moment(result.valid_until),
        misses=[
            Miss(
                number=miss.number,
                yours=None if miss.yours is None else miss.yours.value,
                known=miss.known.value,
                explanation=miss.explanation,
            )
            for miss in feedback.misses
        ],
    )
