"""A dialogue on a time axis: who speaks when, and what each service did in between. Seconds from the start."""

import random
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from dialogues import Dialogue, Exchange

GREETING_S = 0.6
CUT_AFTER_S = 0.45
# The first request of a turn with a tool only asks for the tool.
ASKING_S = 0.35
TOKENS_S = 0.7

Length = Callable[[str, str], float]


@dataclass(frozen=True)
class Spoken:
    """Words and when they were heard; `stops` is where they are cut off, if they are."""

    text: str
    start: float
    end: float
    stops: float | None = None

    @property
    def heard_until(self) -> float:
        return self.end if self.stops is None else self.stops

    @property
    def heard(self) -> str:
        """The part of the words that was spoken before the cut."""
        if self.stops is None:
            return self.text
        words = self.text.split()
        share = (self.stops - self.start) / (self.end - self.start)
        return " ".join(words[: max(1, round(len(words) * share))])


@dataclass(frozen=True)
class Turn:
    exchange: Exchange
    caller: Spoken
    agent: Spoken
    # When the turn was decided to be over, the final transcript came, and each request and tool began and ended.
    decided: float
    transcribed: float
    asking: tuple[float, float] | None
    tool: tuple[float, float] | None
    llm: tuple[float, float]
    first_token: float
    tts: tuple[float, float]
    first_byte: float


@dataclass(frozen=True)
class Story:
    dialogue: Dialogue
    greeting: Spoken
    turns: tuple[Turn, ...]
    end: float


def guess_length(_voice: str, text: str) -> float:
    """Returns about what a voice takes, for stories that nobody hears."""
    return 0.35 + 0.062 * len(text)


def tell(dialogue: Dialogue, length: Length = guess_length) -> Story:
    """Lays a dialogue out; `length` says how long a voice takes for a text."""
    greeting = Spoken(
        dialogue.greeting, GREETING_S, GREETING_S + length(dialogue.agent_voice, dialogue.greeting)
    )
    turns: list[Turn] = []
    before = greeting
    for exchange in dialogue.exchanges:
        if turns and turns[-1].exchange.cut_short:
            start = before.heard_until - CUT_AFTER_S
        else:
            start = before.end + exchange.pause_ms / 1000
        turn = lay_out(dialogue, exchange, start, length)
        turns.append(turn)
        before = turn.agent
    return Story(dialogue, greeting, tuple(turns), before.heard_until + 1.2)


def lay_out(dialogue: Dialogue, exchange: Exchange, start: float, length: Length = guess_length) -> Turn:
    caller = Spoken(exchange.caller, start, start + length(dialogue.caller_voice, exchange.caller))
    decided = caller.end + exchange.endpointing_ms / 1000
    asking = tool = None
    at = decided + 0.01
    if exchange.tool is not None:
        asking = (at, at + ASKING_S)
        tool = (asking[1], asking[1] + exchange.tool.took_ms / 1000)
        at = tool[1] + 0.005
    first_token = at + exchange.llm_ms / 1000
    tts = first_token + 0.06
    first_byte = tts + exchange.tts_ms / 1000
    heard = first_byte + exchange.playout_ms / 1000
    spoken = length(dialogue.agent_voice, exchange.agent)
    agent = Spoken(
        exchange.agent, heard, heard + spoken, heard + spoken * 0.55 if exchange.cut_short else None
    )
    return Turn(
        exchange,
        caller,
        agent,
        decided,
        caller.end + exchange.stt_ms / 1000,
        asking,
        tool,
        (at, first_token + TOKENS_S),
        first_token,
        (tts, first_byte + spoken * 0.3),
        first_byte,
    )


def varied(dialogue: Dialogue, seed: int) -> Dialogue:
    """Returns the dialogue with other stage times and fewer exchanges, the same ones for the same seed."""
    chance = random.Random(seed)
    slow = chance.lognormvariate(0, 0.35)

    def changed(exchange: Exchange) -> Exchange:
        tool = exchange.tool
        if tool is not None:
            fails = chance.random() < 0.12
            tool = replace(
                tool,
                took_ms=tool.took_ms * chance.lognormvariate(0, 0.4),
                error=(tool.error or "ServiceUnavailable: try again later") if fails else "",
            )
        return replace(
            exchange,
            tool=tool,
            endpointing_ms=exchange.endpointing_ms * chance.lognormvariate(0, 0.2),
            stt_ms=exchange.stt_ms * chance.lognormvariate(0, 0.2),
            llm_ms=exchange.llm_ms * slow * chance.lognormvariate(0, 0.4),
            tts_ms=exchange.tts_ms * chance.lognormvariate(0, 0.3),
            cut_short=chance.random() < 0.1,
        )

    count = chance.randint(2, len(dialogue.exchanges))
    metadata = dialogue.metadata | {"customer": f"c-{chance.randint(1000, 9999)}"}
    return replace(
        dialogue, metadata=metadata, exchanges=tuple(changed(one) for one in dialogue.exchanges[:count])
    )


def repeated(story: Story, times: int) -> Story:
    """Returns the story told again and again, as one call; the greeting is said once."""
    turns = [shifted(turn, at * story.end) for at in range(times) for turn in story.turns]
    return replace(story, turns=tuple(turns), end=story.end * times)


def shifted(turn: Turn, by: float) -> Turn:
    def later(value: object) -> object:
        if isinstance(value, float):
            return value + by
        if isinstance(value, tuple):
            return tuple(each + by for each in value)
        if isinstance(value, Spoken):
            stops = None if value.stops is None else value.stops + by
            return replace(value, start=value.start + by, end=value.end + by, stops=stops)
        return value

    return replace(turn, **{field.name: later(getattr(turn, field.name)) for field in fields(turn)})
