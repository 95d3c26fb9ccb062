"""Raw definitions in bytes and JSON: out and in again, by us and by the npm package."""

import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stdbctl.sats import (
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
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
    dumps,
    loads,
    option,
    product,
)
from stdbctl.schema import (
    ExplicitName,
    IndexAlgorithm,
    Lifecycle,
    ModuleDef,
    NameKind,
    RawHttpRouteDef,
    RawIndexDef,
    RawLifecycleDef,
    RawModuleDef,
    RawProcedureDef,
    RawReducerDef,
    RawScheduleDef,
    RawSequenceDef,
    RawSubmodule,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
    RawViewDef,
    RawViewPrimaryKey,
    UnreadableDefinition,
    decode_raw,
    encode_raw_v9,
    encode_raw_v10,
    raw_from_json,
    raw_to_json,
    raw_v9_json,
    raw_v9_of,
    raw_v10_json,
    raw_v10_of,
    validate,
)

NODE = Path(__file__).parent.parent / "node"

names = st.text("abAB12_é", max_size=6)
maybe_names = st.none() | names
columns = st.lists(st.integers(0, 2**16 - 1), max_size=3).map(tuple)
bounds = st.none() | st.integers(-(2**127), 2**127 - 1)


def tuples(element: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(element, max_size=3).map(tuple)


def elements(inner: st.SearchStrategy[AlgebraicType]) -> st.SearchStrategy[AlgebraicType]:
    fields = st.lists(st.builds(ProductElement, maybe_names, inner), max_size=3).map(tuple)
    variants = st.lists(st.builds(SumVariant, maybe_names, inner), max_size=3).map(tuple)
    return st.builds(ArrayType, inner) | st.builds(ProductType, fields) | st.builds(SumType, variants)


types = st.recursive(
    st.sampled_from(list(Primitive))
    | st.builds(Ref, st.integers(0, 2**32 - 1))
    | st.sampled_from([IDENTITY, CONNECTION_ID, SCHEDULE_AT, UNIT]),
    elements,
    max_leaves=6,
)
products = st.lists(st.builds(ProductElement, maybe_names, types), max_size=3).map(tuple).map(ProductType)
indexes = st.one_of(
    st.builds(
        RawIndexDef,
        source_name=names,
        accessor_name=maybe_names,
        algorithm=st.sampled_from([IndexAlgorithm.BTREE, IndexAlgorithm.HASH]),
        columns=columns,
    ),
    st.builds(
        RawIndexDef,
        source_name=names,
        accessor_name=maybe_names,
        algorithm=st.just(IndexAlgorithm.DIRECT),
        columns=st.tuples(st.integers(0, 9)),
    ),
)
sequences = st.builds(
    RawSequenceDef,
    column=st.integers(0, 9),
    source_name=maybe_names,
    start=bounds,
    min_value=bounds,
    max_value=bounds,
    increment=st.integers(-9, 9),
)
tables = st.builds(
    RawTableDef,
    source_name=names,
    product_type_ref=st.integers(0, 9),
    primary_key=columns,
    indexes=tuples(indexes),
    constraints=tuples(st.builds(RawUniqueDef, columns=columns, source_name=maybe_names)),
    sequences=tuples(sequences),
    is_system=st.booleans(),
    is_public=st.booleans(),
    default_values=tuples(st.tuples(st.integers(0, 9), st.binary(max_size=4))),
    is_event=st.booleans(),
)
views = st.builds(
    RawViewDef,
    source_name=names,
    index=st.integers(0, 9),
    is_public=st.booleans(),
    is_anonymous=st.booleans(),
    params=products,
    return_type=types,
)
methods = st.none() | st.sampled_from(["GET", "POST", "PATCH", "BREW"])
definitions: st.SearchStrategy[RawModuleDef] = st.deferred(
    lambda: st.builds(
        RawModuleDef,
        typespace=st.builds(Typespace, tuples(types)),
        types=tuples(
            st.builds(
                RawTypeDef,
                source_name=names,
                type=st.builds(Ref, st.integers(0, 9)),
                scope=tuples(names),
                custom_ordering=st.booleans(),
            )
        ),
        tables=tuples(tables),
        reducers=tuples(
            st.builds(
                RawReducerDef,
                source_name=names,
                params=products,
                is_private=st.booleans(),
                ok_type=types,
                err_type=types,
            )
        ),
        procedures=tuples(
            st.builds(RawProcedureDef, source_name=names, params=products, return_type=types, is_private=st.booleans())
        ),
        views=tuples(views),
        schedules=tuples(
            st.builds(
                RawScheduleDef,
                table_name=names,
                schedule_at_col=st.integers(0, 9),
                function_name=names,
                source_name=maybe_names,
            )
        ),
        lifecycle_reducers=tuples(
            st.builds(RawLifecycleDef, lifecycle=st.sampled_from(Lifecycle), function_name=names)
        ),
        row_level_security=tuples(st.text(max_size=5)),
        snake_case=st.booleans(),
        explicit_names=tuples(
            st.builds(ExplicitName, kind=st.sampled_from(NameKind), source_name=names, canonical_name=names)
        ),
        http_handlers=tuples(names),
        http_routes=tuples(st.builds(RawHttpRouteDef, handler_function=names, method=methods, path=names)),
        view_primary_keys=tuples(st.builds(RawViewPrimaryKey, view_source_name=names, columns=tuples(names))),
        submodules=st.just(()) | tuples(st.builds(RawSubmodule, namespace=names, module=definitions)),
    )
)
quick = settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)


@st.composite
def modules(draw: st.DrawFn) -> ModuleDef:
    """A valid module: some tables over the same few types, with keys, defaults, schedules, reducers, views."""
    rows = draw(st.lists(names, min_size=1, max_size=3, unique_by=lambda n: n.lower().strip("_")))
    rows = [f"Row{i}{row}" for i, row in enumerate(rows)]
    row = product(id=Primitive.U64, dueAt=SCHEDULE_AT, noteText=option(Primitive.STRING), shape=Ref(len(rows)))
    raw = RawModuleDef(
        typespace=Typespace((*[row] * len(rows), SumType((SumVariant("RoundOne", UNIT), SumVariant("x", UNIT))))),
        types=tuple(RawTypeDef(source_name=name, type=Ref(i)) for i, name in enumerate([*rows, "Shape"])),
        tables=tuple(_table(draw, name, i) for i, name in enumerate(rows)),
        reducers=(RawReducerDef(source_name="runRow", params=ProductType((ProductElement("theRow", Ref(0)),))),),
        procedures=(RawProcedureDef(source_name="sum_up", params=product(a=Ref(0)), return_type=Primitive.F64),),
        views=(
            RawViewDef(
                source_name="allRows",
                index=0,
                is_public=draw(st.booleans()),
                is_anonymous=draw(st.booleans()),
                params=product(),
                return_type=ArrayType(Ref(0)),
            ),
        ),
        schedules=draw(
            st.sampled_from([(), (RawScheduleDef(table_name=rows[0], schedule_at_col=1, function_name="runRow"),)])
        ),
        snake_case=draw(st.booleans()),
        row_level_security=draw(st.sampled_from([(), ("SELECT * FROM x",)])),
    )
    module = validate(raw)
    assert isinstance(module, ModuleDef), module
    return module


def _table(draw: st.DrawFn, name: str, ref: int) -> RawTableDef:
    algorithm = draw(st.sampled_from([IndexAlgorithm.BTREE, IndexAlgorithm.HASH]))
    return RawTableDef(
        source_name=name,
        product_type_ref=ref,
        primary_key=(0,),
        indexes=(
            RawIndexDef(source_name=f"{name}_i", accessor_name="id", algorithm=algorithm, columns=(0,)),
            RawIndexDef(source_name=f"{name}_j", accessor_name=None, algorithm=IndexAlgorithm.DIRECT, columns=(3,)),
        ),
        constraints=(RawUniqueDef(columns=(0,)),),
        sequences=draw(st.sampled_from([(), (RawSequenceDef(column=0, start=5),)])),
        is_public=draw(st.booleans()),
        default_values=draw(st.sampled_from([(), ((2, b"\x01"),), ((3, b"\x01"),)])),
        is_event=draw(st.booleans()),
    )


@quick
@given(definitions)
def test_every_definition_survives_version_10_in_bytes_and_json(raw: RawModuleDef) -> None:
    assert decode_raw(encode_raw_v10(raw)) == raw
    assert raw_from_json(loads(dumps(raw_to_json(raw)))) == raw


def in_version_9(raw: RawModuleDef) -> RawModuleDef:
    """What version 9 can say of a definition: the losses that docs/formats.md lists, and no others."""
    tables = {table.source_name: table for table in raw.tables}
    reducers = {reducer.source_name: reducer for reducer in raw.reducers}
    schedules = {s.table_name: s for s in raw.schedules if s.table_name in tables}
    events = {e.function_name: e for e in raw.lifecycle_reducers if e.function_name in reducers}
    return replace(
        raw,
        tables=tuple(replace(table, is_event=False) for table in tables.values()),
        reducers=tuple(RawReducerDef(source_name=r.source_name, params=r.params) for r in reducers.values()),
        procedures=tuple(replace(procedure, is_private=False) for procedure in raw.procedures),
        schedules=tuple(schedules[name] for name in tables if name in schedules),
        lifecycle_reducers=tuple(events[name] for name in reducers if name in events),
        snake_case=False,
        explicit_names=tuple(
            ExplicitName(kind=NameKind.INDEX, source_name=index.source_name, canonical_name=index.source_name)
            for table in tables.values()
            for index in table.indexes
        ),
        http_handlers=(),
        http_routes=(),
        view_primary_keys=(),
        submodules=(),
    )


@quick
@given(definitions)
def test_every_definition_survives_version_9_but_for_what_it_cannot_say(raw: RawModuleDef) -> None:
    said = in_version_9(raw)
    assert decode_raw(encode_raw_v9(said)) == said


@quick
@given(definitions)
def test_any_definition_is_valid_or_has_problems(raw: RawModuleDef) -> None:
    found = validate(raw)
    assert isinstance(found, ModuleDef) or found


@quick
@given(definitions, st.data())
def test_damaged_bytes_are_read_or_refused(raw: RawModuleDef, data: st.DataObject) -> None:
    damaged = bytearray(encode_raw_v10(raw))
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(UnreadableDefinition):
        validate(decode_raw(bytes(damaged)))


@quick
@given(modules())
def test_every_module_survives_version_10(module: ModuleDef) -> None:
    again = validate(raw_from_json(loads(dumps(raw_v10_json(module)))))
    assert isinstance(again, ModuleDef), again
    assert decode_raw(encode_raw_v10(raw_v10_of(module))) == raw_v10_of(module)
    assert raw_v10_of(again) == raw_v10_of(module)
    assert _wire(again) == _wire(module)


@quick
@given(modules())
def test_every_module_survives_version_9_but_for_what_it_cannot_say(module: ModuleDef) -> None:
    raw = raw_from_json(loads(dumps(raw_v9_json(module))))
    assert decode_raw(encode_raw_v9(raw_v9_of(module))) == raw
    again = validate(raw)
    assert isinstance(again, ModuleDef), again
    assert raw_v9_json(again) == raw_v9_json(module)


def _wire(module: ModuleDef) -> list[object]:
    """What the wire shows of a module: all canonical names, types, keys and ids."""
    tables = [
        (t.name, t.row_type, [(c.name, c.type, c.default) for c in t.columns], t.primary_key, t.indexes, t.constraints)
        for t in module.tables
    ]
    extras = [(t.sequences, t.schedule, t.is_public, t.is_event, t.is_system) for t in module.tables]
    functions = [(r.name, r.accessor, r.is_private, r.lifecycle) for r in module.reducers]
    return [module.typespace, tables, extras, functions, [(v.name, v.index, v.primary_key) for v in module.views]]


def test_version_10_lists_sections_in_the_server_s_order_and_leaves_empty_ones_out() -> None:
    module = validate(RawModuleDef(reducers=(RawReducerDef(source_name="addPoint"),)))
    assert isinstance(module, ModuleDef)
    assert dumps(raw_v10_json(module)) == (
        '{"sections":[{"Typespace":{"types":[]}},{"Reducers":[{"source_name":"addPoint","params":{"elements":[]},'
        '"visibility":{"ClientCallable":[]},"ok_return_type":{"Product":{"elements":[]}},'
        '"err_return_type":{"String":[]}}]},{"ExplicitNames":{"entries":[{"Function":{"source_name":"addPoint",'
        '"canonical_name":"add_point"}}]}}]}'
    )
    assert dumps(raw_v10_json(ModuleDef())) == (
        '{"sections":[{"Typespace":{"types":[]}},{"ExplicitNames":{"entries":[]}}]}'
    )


def test_version_9_shows_canonical_names() -> None:
    module = validate(RawModuleDef(reducers=(RawReducerDef(source_name="addPoint"),)))
    assert isinstance(module, ModuleDef)
    assert dumps(raw_v9_json(module)) == (
        '{"typespace":{"types":[]},"tables":[],"reducers":[{"name":"add_point","params":{"elements":[]},'
        '"lifecycle":{"none":[]}}],"types":[],"misc_exports":[],"row_level_security":[]}'
    )


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x00\x01", "version 8"),
        (b"", "Module"),
        (b"\x07", "is no module definition"),
        (b"\x02\x00\x00\x00\x00\x09", "is no module definition"),
        (b"\x02\x02\x00\x00\x00\x08\x00\x00\x00\x00\x08\x00\x00\x00\x00", "RowLevelSecurity is there twice"),
    ],
)
def test_other_bytes_are_refused_with_the_reason(data: bytes, text: str) -> None:
    with pytest.raises(UnreadableDefinition) as caught:
        decode_raw(data)
    assert text.lower() in str(caught.value).lower()
    assert caught.value.fix


@pytest.mark.parametrize("data", [{"V8BackCompat": {}}, {"V11": {}}, [], None, {"sections": 1}, {"typespace": {}}])
def test_other_json_is_refused(data: object) -> None:
    with pytest.raises(UnreadableDefinition):
        raw_from_json(data)


@pytest.fixture(scope="module")
def describe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script of tests/node/schema, bundled with the npm package's server side."""
    out = tmp_path_factory.mktemp("describe") / "describe.mjs"
    esbuild = [str(NODE / "node_modules" / ".bin" / "esbuild"), "schema/describe.ts", "--bundle", "--format=esm"]
    stand_ins = [f"--alias:spacetime:sys@{version}=./schema/sys.mjs" for version in ("2.0", "2.1")]
    run([*esbuild, "--platform=node", "--target=es2022", *stand_ins, "--log-level=error", f"--outfile={out}"])
    return out


def run(command: list[str], given_input: str = "") -> str:
    done = subprocess.run(command, cwd=NODE, input=given_input, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_module_of_the_npm_schema_builder_is_read_and_named(describe: Path) -> None:
    raw = decode_raw(bytes.fromhex(run(["node", str(describe), "describe"])))
    module = validate(raw)
    assert isinstance(module, ModuleDef), module
    assert [t.name for t in module.tables] == ["Point", "delivery_job", "ping"]
    point, job, ping = module.tables
    assert [i.name for i in point.indexes] == [
        "Point_id_idx_btree",
        "Point_user_id_idx_btree",
        "Point_tag_idx_btree",
        "Point_level_1_idx_direct",
        "Point_x_pos_y_pos_idx_btree",
    ]
    assert point.columns[2].default == bytes.fromhex("0000c03f")
    assert job.schedule is not None
    assert (job.schedule.function, job.schedule.column) == ("run_job", 1)
    assert ping.is_event
    assert [r.name for r in module.reducers] == ["add_point", "init", "on_connect", "do_it_NOW", "run_job"]
    assert [r.is_private for r in module.reducers] == [False, True, True, False, True]
    assert [(v.name, v.primary_key) for v in module.views] == [("all_points", 0), ("one_job", 0)]
    paint = module.typespace.types[1]
    assert isinstance(paint, SumType)
    assert [v.name for v in paint.variants] == ["brightRed", "custom", "darkBlue"]


def test_the_npm_package_reads_and_rewrites_our_bytes_unchanged(describe: Path) -> None:
    ours: list[str] = []

    @quick
    @given(definitions, modules())
    def collect(raw: RawModuleDef, module: ModuleDef) -> None:
        ours.append(encode_raw_v10(raw).hex())
        ours.append(encode_raw_v10(raw_v10_of(module)).hex())
        ours.append(encode_raw_v9(raw_v9_of(module)).hex())

    collect()
    assert run(["node", str(describe), "echo"], "\n".join(ours)).split() == ours
