"""Generates GraphQL documents like those of an attacker: with repetition, nesting and references.

Hypothesis draws the pieces and how often each is repeated. Most documents are within the limits of tokens and bytes;
many are not valid.
"""

import random
import re
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

LONGEST = 64 * 1024  # bytes
MOST_TOKENS = 1000

TOKEN = re.compile(r'"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n\r])*"|#[^\n\r]*|\.\.\.|-?\w[\w.]*|[!$&()\[\]{}:=@|]')

# The separators between pieces, which also occur in long runs before or after them.
IGNORED = [" ", " ", " ", ",", "\n", "\r\n", "\r", "\t", "\ufeff", "#\n", "#" + "c" * 500 + "\n", "\n, \n"]
# By the type they are selected from: selections without and with room for others, and how a fragment F spreads the one
# before it, P. A `#N` is numbered where a piece is repeated.
TYPES = {
    "Query": (
        [
            "__typename",
            "a:__typename",
            "me{id}",
            "a#N:me{id email}",
            "users(first:#N){edges{cursor}}",
            "user(id:{V}){id}",
        ],
        ["me{...F}", "{S}", "...{{S}}", "...on Query{{S}}", "...@skip(if:{V}){{S}}"],
        ["...P", "...P ...P", "...P ...on Query{...P}", "a:me{id}...P b:me{id}", "...{...P}...{...P me{email}}"],
    ),
    "UserNode": (
        ["id", "email", "a:id", "b:id", "a#N:id", "id@include(if:true)", "email@skip(if:{V})", "...on UserNode{id pk}"],
        ["{S}", "...{{S}}", "...on UserNode{{S}}", "...on Node{{S}}", "...@include(if:true){{S}}"],
        ["...P", "...P ...P", "id ...P", "a:id ...P b:id ...P", "...@include(if:false){...P}", "id ...P@skip(if:{V})"],
    ),
    "__Type": (
        ["name", "kind", "fields{name}", "inputFields{name}", "ofType{name}"],
        ["ofType{{S}}", "fields{type{{S}}}", "interfaces{{S}}", "...{{S}}"],
        ["ofType{...P}", "...P ...P", "fields{type{...P}}inputFields{type{...P}}", "possibleTypes{...P}...P"],
    ),
    "No": (
        [
            "no",
            "no#N",
            "...U",
            "...U#N",
            "...F0",
            "...F#N",
            "id(no:{V})",
            "id@no#N",
            "a:b",
            "id" + "@include(if:true)" * 9,
        ],
        ["a{{S}}", "...on No{{S}}", "b#N:me(a:{V}){{S}}", "users(first:{V}){edges{node{{S}}}}", "user(id:{V}){{S}}"],
        ["a{...P}b{...P}", "a:me{...P}b:me{...P}", "me{...P}me{...P}", "...P ...U", "...P ...F0", "edges{node{...P}}"],
    ),
}
ROOTS = {"Query": "{L}", "UserNode": "{me{L}}", "__Type": '{__type(name:"UserNode"){L}}', "No": "{a:me{L}b:me{L}}"}
LITERALS = ["1", "-1.5e3", '"s"', '"""b\nb"""', "true", "null", "ENUM", "$v0", "$no", "[]", "{}", '"\\u0041"']
HEADS = ["", "query Q", "query Q#N", "query Q#N{D}", "mutation M#N{D}", "subscription S#N{D}", '"""d\nd"""query D#N{D}']
OTHERS = [*[""] * 30, "type T#N{a:Int}", "fragment F0 on Query{id}", "{", "}", '"', "é"]
TIMES = [1, 1, 1, 1, 1, 2, 3, 7, 20, 60, 150, 500]

bytes_drawn = st.integers(0, 2**16 - 1)


def tokens(text: str) -> int:
    """Return the approximate number of tokens in a text."""
    return len(TOKEN.findall(text))


def repeated(piece: str, amount: int, room: int) -> str:
    """Repeat a piece `amount` times, or as often as there is room for its tokens."""
    amount = min(amount, max(1, room // (tokens(piece) + 1)), max(1, LONGEST // (len(piece) + 1)))
    return " ".join(piece.replace("#N", str(number)) for number in range(amount))


class Writer:
    """Writes a document from hypothesis's choices."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def choose(self, choices: list[T]) -> T:
        """Return one of the choices."""
        return choices[self.draw(bytes_drawn) % len(choices)]

    def filled(self, piece: str, room: int = 0, kind: str = "No") -> str:
        """Return a piece with values for {V}, variables for {D} and a selection for {S}."""
        if "{V}" in piece:
            piece = piece.replace("{V}", self.value())
        if "{D}" in piece:
            piece = piece.replace("{D}", self.variables())
        return piece.replace("{S}", self.selection(kind, room)) if "{S}" in piece else piece

    def value(self) -> str:
        """Return a value that is deep, wide or long."""
        value, amount = self.choose(LITERALS), min(150, self.choose(TIMES))
        shape = self.draw(bytes_drawn) % 14
        if shape == 1:
            return "[" * amount + value + "]" * amount
        if shape == 2:
            return "{a:" * amount + value + "}" * amount
        if shape == 3:
            return f"[{repeated(value, amount, 300)}]"
        if shape == 4:
            return f"{{{repeated(self.choose(['a:', 'a#N:']) + value, amount, 300)}}}"
        if shape == 5:
            return self.choose([f'"{"s" * amount * 99}"', f'"{chr(92)}u00e9{"é" * amount * 99}"', "9" * amount * 9])
        if shape == 6:
            return f'"""{(chr(10) + "  line") * amount * 8}"""'
        return value

    def variables(self) -> str:
        """Return the variables of an operation, in parentheses, or nothing."""
        depth = min(150, self.choose(TIMES))
        kind = self.choose(
            ["Boolean!", "Int", "No", "[" * depth + "Int" + "]" * depth, "Boolean=true@no", "String={V}"]
        )
        declared = repeated(self.filled(f"$v#N:{kind}"), self.choose(TIMES), 300)
        return self.choose(["", "($v0:Boolean!)", f"({declared})", f"({declared} $v0:Int)"])

    def selection(self, kind: str, room: int) -> str:
        """Return the contents of a selection set."""
        leaves, parents, _ = TYPES[self.choose([kind] * 6 + ["No"])]
        pieces = [repeated(self.filled(self.choose(leaves)), self.choose(TIMES), room // 3)]
        if room > 20 and self.choose([True, False]):
            parent = self.choose(parents)
            if "S" in parent and self.choose([True, False]):
                # Within itself, as deep as there is room for.
                for _ in range(min(self.choose(TIMES), room // 10)):
                    parent = parent.replace("{S}", self.choose(parents), 1)
            pieces.append(repeated(self.filled(parent, room // 3, kind), self.choose(TIMES), room // 2))
        return " ".join(pieces)

    def chain(self, kind: str) -> list[str]:
        """Return fragments, each of which spreads the one before."""
        body = self.filled(self.choose(TYPES[self.choose([kind] * 4 + ["No"])][2]))
        first = self.choose([*[self.selection(kind, 200), TYPES[kind][0][0]] * 4, "...U", "...F0", "...F3"])
        room = (MOST_TOKENS - 50 - tokens(first)) // (tokens(body) + 6)
        length = min(self.choose([0, 1, 1, 2, 2, 3, 5, 8, 20, 40, 140]), room)
        bodies = [first, *(re.sub(r"\bP\b", f"F{number}", body) for number in range(length))]
        return [f"fragment F{number} on {kind}{{{body}}}" for number, body in enumerate(bodies)]

    def document(self) -> str:
        """Return operations, fragments and other definitions in any order."""
        kind = self.choose([*TYPES])
        chain = self.chain(kind) if self.choose([True, True, False]) else []
        room = MOST_TOKENS - tokens(" ".join(chain))
        inner = f"...F{len(chain) - 1}" if chain else self.selection(kind, room)
        operation = self.filled(self.choose(HEADS)) + ROOTS[kind].replace(
            "L", self.choose([inner, inner, f"{inner} {inner}"])
        )
        operations = repeated(operation, self.choose(TIMES) if "Q" in operation else 1, room)
        others = repeated(self.choose(OTHERS), self.choose(TIMES), room - tokens(operations))
        definitions = [operations, *chain, others]
        order = self.choose(["as it is", "backwards", "shuffled"])
        if order == "backwards":
            definitions.reverse()
        elif order == "shuffled":
            random.Random(self.draw(bytes_drawn)).shuffle(definitions)
        separator = self.choose(IGNORED)
        text = separator.join(definitions)
        if '"' not in text and "#" not in separator and self.choose([True, False, False]):
            text = re.sub("[ {}]", lambda found: found[0] + separator, text)
        padding = self.choose(IGNORED) * self.choose([*[0] * 12, 1, 100, 10_000, LONGEST])
        padding = padding[: max(0, LONGEST - len(text.encode()))]
        return cut(self.choose([padding + text, text + padding]))


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Return a document."""
    return Writer(draw).document()


def cut(text: str) -> str:
    """Cut a text to the maximum length of a body."""
    return text.encode()[:LONGEST].decode(errors="ignore")


def plain(like: str) -> str:
    """Return an ordinary document with about as many tokens and characters as another one."""
    groups = ["id email verified", "archived pk secondaryEmail", "__typename isActive dateJoined", "lastLogin"]
    fragments = [f"...on UserNode{{{group}}}" for group in groups]
    amount = max(1, min(tokens(like), MOST_TOKENS - 50) // 8)
    # At ten places, so that no field is repeated more often than an ordinary client repeats it.
    places = [" ".join(fragments[number % 4] for number in range(place, amount, 10)) for place in range(10)]
    text = "{" + " ".join(f"a{number}:me{{{place}}}" for number, place in enumerate(places) if place) + "}"
    return text + " " * (len(like) - len(text))
