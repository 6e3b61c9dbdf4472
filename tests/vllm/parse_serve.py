"""Run by vLLM's Python: reads command lines of `vllm serve` as JSON, and says what vLLM's own parser makes of each.

For each line an object: the names it is served under, or the error.
"""

import argparse
import json
import sys

from vllm.entrypoints.cli.serve import ServeSubcommand
from vllm.reasoning import ReasoningParserManager
from vllm.utils.argparse_utils import FlexibleArgumentParser


class Refused(Exception):
    """What the parser says where it would end the program."""


def refuse(self: argparse.ArgumentParser, message: str) -> None:
    raise Refused(message)


def parsed(words: list[str]) -> dict:
    parser = FlexibleArgumentParser()
    command = ServeSubcommand()
    command.subparser_init(parser.add_subparsers(dest="subparser"))
    try:
        arguments = parser.parse_args(words)
        command.validate(arguments)
    except (Refused, ValueError, TypeError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    if arguments.reasoning_parser and arguments.reasoning_parser not in ReasoningParserManager.list_registered():
        return {"error": f"no reasoning parser {arguments.reasoning_parser}"}
    return {
        "model": arguments.model_tag,
        "served": arguments.served_model_name,
        "adapters": [module.name for module in arguments.lora_modules or []],
        "told": arguments.default_chat_template_kwargs,
    }


argparse.ArgumentParser.error = refuse
answers = [parsed(words) for words in json.load(sys.stdin)]
print("\n" + json.dumps(answers))
