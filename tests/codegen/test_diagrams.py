"""Diagrams: whatever a module declares, boxes stand apart, texts stay inside, links cross no box."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from random import Random
from xml.etree.ElementTree import Element, fromstring

import pytest

from stdbctl.codegen import diagram_mermaid, diagram_svg
from stdbctl.sats import (
    IDENTITY,
    SCHEDULE_AT,
    TIMESTAMP,
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    SumType,
    SumVariant,
    Typespace,
    option,
    product,
)
from stdbctl.schema import (
    IndexAlgorithm,
    ModuleDef,
    RawIndexDef,
    RawModuleDef,
    RawReducerDef,
    RawScheduleDef,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
    validate,
)
from tests.codegen.test_own_templates import CASES, arena, case

STEPS = 12
"""So many pieces of each curve are looked at."""
SVG = "{http://www.w3.org/2000/svg}"
WORDS = (
    "item",
    "guild",
    "quest",
    "map",
    "tile",
    "user",
    "größe",
    "日本",
    "a_name_that_is_a_good_deal_longer_than_most",
)
MERMAID_LINE = re.compile(
    r'erDiagram|    "[^"%\\]+" \{|    \}|    "[^"%\\]+" \}o(--|\.\.)\|\| "[^"%\\]+" : "[^"]+"'
    r"|        [A-Za-z_\u00C0-\uFFFF][A-Za-z0-9_\[\]()\u00C0-\uFFFF-]*"
    r" (?!(?:PK|FK|UK|pk|fk|uk)\b)[A-Za-z_\u00C0-\uFFFF][A-Za-z0-9_\[\]()\u00C0-\uFFFF-]*"
    r'( (PK|UK|FK)(, FK)?)?( "[^"%]+")?'
)


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of the picture."""

    x: float
    y: float
    width: float
    height: float

    def touches(self, other: "Frame", gap: float = 0.0) -> bool:
        """Whether the two come nearer than `gap`."""
        return (
            self.x < other.x + other.width + gap
            and other.x < self.x + self.width + gap
            and self.y < other.y + other.height + gap
            and other.y < self.y + self.height + gap
        )

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is inside, not on the edge."""
        return self.x + 0.2 < x < self.x + self.width - 0.2 and self.y + 0.2 < y < self.y + self.height - 0.2


def boxes(svg: Element) -> list[tuple[Frame, Element]]:
    """Each box with what is in it."""
    found = []
    for group in svg.findall(f"{SVG}g"):
        x, y = map(float, re.findall(r"[\d.]+", group.attrib["transform"]))
        frame = next(rect for rect in group.findall(f"{SVG}rect") if rect.attrib["class"] == "box")
        found.append((Frame(x, y, float(frame.attrib["width"]), float(frame.attrib["height"])), group))
    return found


def points(path: str) -> Iterator[tuple[float, float]]:
    """Points along a path of M, H and C."""
    here = (0.0, 0.0)
    for command, text in re.findall(r"([MHC])([^MHC]*)", path):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", text)]
        if command == "C":
            yield from _curve(here, (numbers[0], numbers[1]), (numbers[2], numbers[3]), (numbers[4], numbers[5]))
            here = (numbers[4], numbers[5])
        else:
            end = (numbers[0], numbers[1] if command == "M" else here[1])
            yield from () if command == "M" else _curve(here, here, end, end)
            here = end


def _curve(*corners: tuple[float, float]) -> Iterator[tuple[float, float]]:
    for step in range(STEPS + 1):
        t = step / STEPS
        weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        x, y = (sum(weight * corner[axis] for weight, corner in zip(weights, corners, strict=True)) for axis in (0, 1))
        yield x, y


def check_picture(svg: Element) -> None:
    """Nothing overlaps, nothing leaves its box or the picture."""
    whole = Frame(0, 0, float(svg.attrib["width"]), float(svg.attrib["height"]))
    placed = boxes(svg)
    for (one, _), (other, _) in combinations(placed, 2):
        assert not one.touches(other, gap=10.0), f"{one} {other}"
    for frame, group in placed:
        assert whole.holds(frame.x, frame.y)
        assert whole.holds(frame.x + frame.width, frame.y + frame.height)
        check_texts(frame, group)
    for path in svg.findall(f"{SVG}path"):
        for x, y in points(path.attrib["d"]):
            assert whole.holds(x, y)
            assert not any(frame.holds(x, y) for frame, _ in placed), path.attrib["d"]


def check_texts(frame: Frame, group: Element) -> None:
    """The texts of one box: inside, and not over each other."""
    spans = []
    for text in group.findall(f"{SVG}text"):
        left, baseline = float(text.attrib["x"]), float(text.attrib["y"])
        right = left + float(text.attrib["textLength"])
        assert 0 <= left < right <= frame.width + 0.11
        assert 10 <= baseline <= frame.height - 3.5
        spans.append((baseline, left, right))
    for (line, _, right), (next_line, left, _) in pairwise(sorted(spans)):
        assert line != next_line or left >= right


def check_mermaid(text: str) -> None:
    """Every line is one that Mermaid's grammar for `erDiagram` takes."""
    for line in text.removesuffix("\n").split("\n"):
        assert MERMAID_LINE.fullmatch(line), line


def random_module(count: int, chance: Random) -> ModuleDef:
    """`count` tables that mean each other and themselves, in circles too, with types, functions and schedules."""
    names = [f"{chance.choice(WORDS)}_x{number}x" for number in range(count)]
    kinds = chance.randint(0, 4)
    leaves: list[AlgebraicType] = [Primitive.STRING, Primitive.F32, IDENTITY, TIMESTAMP, option(Primitive.U64)]
    leaves += [ArrayType(Ref(0)), *(Ref(count + number) for number in range(kinds))]
    scheduled = range(chance.randint(0, min(3, count)))
    functions = [RawReducerDef(source_name=f"run_{i}", params=product(row=Ref(i))) for i in scheduled]
    functions += [
        RawReducerDef(source_name=f"do_{i}", params=product(**{f"p{k}": Primitive.STRING for k in range(i % 6)}))
        for i in range(chance.randint(0, 30))
    ]
    rows = [_random_row(names, leaves, chance, may_be_somebody=i not in scheduled) for i in range(count)]
    sums = [_random_sum([UNIT, Primitive.U8, *leaves[6:]], chance) for _ in range(kinds)]
    raw = RawModuleDef(
        typespace=Typespace((*rows, *sums)),
        types=tuple(
            RawTypeDef(source_name=name.title().replace("_", ""), type=Ref(i))
            for i, name in enumerate([*names, *(f"kind_{number}" for number in range(kinds))])
        ),
        tables=tuple(keyed_table(name, position) for position, name in enumerate(names)),
        reducers=tuple(functions),
        schedules=tuple(
            RawScheduleDef(table_name=names[i], schedule_at_col=1, function_name=f"run_{i}") for i in scheduled
        ),
        snake_case=False,
    )
    module = validate(raw)
    assert isinstance(module, ModuleDef), module
    return module


def _random_row(
    names: Sequence[str], leaves: Sequence[AlgebraicType], chance: Random, *, may_be_somebody: bool
) -> ProductType:
    key: AlgebraicType = IDENTITY if may_be_somebody and chance.random() < 0.2 else Primitive.U64
    others = chance.sample(names, min(len(names), chance.randint(0, 4)))
    elements = [ProductElement("id", key), ProductElement("due_at", SCHEDULE_AT)]
    elements += [ProductElement(f"{other}_id", Primitive.U64) for other in others]
    elements += [ProductElement(f"c{number}", chance.choice(leaves)) for number in range(chance.randint(0, 6))]
    return ProductType(tuple(elements))


def _random_sum(parts: Sequence[AlgebraicType], chance: Random) -> SumType:
    variants = [SumVariant(f"v{number}", chance.choice(parts)) for number in range(chance.randint(0, 3))]
    return SumType((SumVariant("none", UNIT), *variants))


def keyed_table(name: str, position: int) -> RawTableDef:
    """A table whose first column is its primary key."""
    index = RawIndexDef(source_name=f"{name}_i", accessor_name=None, algorithm=IndexAlgorithm.BTREE, columns=(0,))
    return RawTableDef(
        source_name=name,
        product_type_ref=position,
        primary_key=(0,),
        indexes=(index,),
        constraints=(RawUniqueDef(columns=(0,)),),
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 21, 34, 60])
def test_boxes_stay_apart_and_links_cross_none(count: int, seed: int) -> None:
    module = random_module(count, Random(f"{count} {seed}"))
    check_picture(fromstring(diagram_svg(module)))
    check_mermaid(diagram_mermaid(module))


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_every_case_can_be_drawn(folder: Path) -> None:
    module = case(folder.name)
    check_picture(fromstring(diagram_svg(module)))
    check_mermaid(diagram_mermaid(module))
    assert diagram_svg(module) == diagram_svg(module)


def test_a_module_without_anything_is_a_picture_that_says_so() -> None:
    assert "nothing is declared" in diagram_svg(ModuleDef())
    assert diagram_mermaid(ModuleDef()) == "erDiagram\n"


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    text = diagram_svg(arena())
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|<image|@import|<script", text)
    assert "prefers-color-scheme: dark" in text


def links(svg: str) -> list[str]:
    """What the lines say, by the text that is shown for them; those told by names alone in brackets."""
    paths = [path for path in fromstring(svg).findall(f"{SVG}path") if path.find(f"{SVG}title") is not None]
    texts = [(path.findtext(f"{SVG}title") or "", path.attrib["class"]) for path in paths]
    return [f"({text})" if "told" in style else text for text, style in texts]


def test_the_links_of_the_example() -> None:
    assert links(diagram_svg(arena())) == [
        "table item has type Location",
        "table player has type Team",
        "type Location has type Spot",
        "type Location has type Worn",
        "(table item owner table player)",
        "table respawn runs function respawn",
    ]


def told(**tables: dict[str, AlgebraicType]) -> list[str]:
    """The references that are told by names: `table.column -> table`; the first column of each table is its key."""
    raw = RawModuleDef(
        typespace=Typespace(tuple(product(**columns) for columns in tables.values())),
        types=tuple(RawTypeDef(source_name=f"Row{i}", type=Ref(i)) for i in range(len(tables))),
        tables=tuple(keyed_table(name, position) for position, name in enumerate(tables)),
    )
    module = validate(raw)
    assert isinstance(module, ModuleDef), module
    found = [re.fullmatch(r"\(table (\w+) (\w+) table (\w+)\)", text) for text in links(diagram_svg(module))]
    return sorted(f"{match[1]}.{match[2]} -> {match[3]}" for match in found if match)


U64, U32 = Primitive.U64, Primitive.U32


def test_columns_that_are_called_like_a_key_mean_it() -> None:
    assert told(room={"id": U64}, message={"id": U64, "room_id": U64}) == ["message.room_id -> room"]
    assert told(player={"player_id": U32}, circle={"entity_id": U32, "player_id": U32}) == [
        "circle.player_id -> player"
    ]
    assert told(folder={"id": U64, "parent_folder_id": option(U64)}) == ["folder.parent_folder_id -> folder"]


def test_columns_of_another_type_or_name_mean_nothing() -> None:
    assert told(room={"id": U64}, message={"id": U64, "room_id": U32, "room": U64, "idea": U64}) == []


def test_identities_mean_the_one_table_of_people() -> None:
    people: dict[str, AlgebraicType] = {"identity": IDENTITY}
    message: dict[str, AlgebraicType] = {"id": U64, "sender": IDENTITY, "to": option(IDENTITY)}
    assert told(user=people, message=message) == ["message.sender -> user", "message.to -> user"]
    assert told(user=people, ban=people, message=message) == []
