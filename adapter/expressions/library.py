"""What do JMESPath's own functions do with our values: exact digits, and XML elements that are also texts?"""

from math import isfinite

from jmespath.functions import Functions

from adapter.expressions.own import JSON_NUMBER, WHOLE
from adapter.expressions.values import as_text
from adapter.model import Element, Json, Number, dumps


class Library(Functions):  # type: ignore[misc]
    """The library's functions; an XML element with attributes is its text where text is asked for."""

    def call_function(self, function_name: str, resolved_args: list[Json]) -> Json:
        signature = self.FUNCTION_TABLE[function_name]["signature"]
        for place, value in enumerate(resolved_args):
            types = signature[min(place, len(signature) - 1)]["types"]
            if isinstance(value, Element) and "string" in types and "object" not in types:
                resolved_args[place] = value.text
        return super().call_function(function_name, resolved_args)

    def _func_to_string(self, arg: Json) -> Json:
        if (isinstance(arg, list | dict) and not isinstance(arg, Element)) or arg is None:
            return dumps(arg).decode()
        return as_text(arg)

    def _func_to_number(self, arg: Json) -> Json:
        if isinstance(arg, int | float) and not isinstance(arg, bool):
            return arg
        text = as_text(arg) if isinstance(arg, str | Element) else None
        if text is None or not JSON_NUMBER.fullmatch(text):
            return None
        return int(text) if WHOLE.fullmatch(text) else Number(text) if isfinite(float(text)) else None

    _func_to_number.signature = ({"types": []},)  # type: ignore[attr-defined]
    _func_to_string.signature = ({"types": []},)  # type: ignore[attr-defined]


LIBRARY = Library()
