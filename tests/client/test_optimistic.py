"""Optimistic updates without sockets: what is shown, what is told, and when."""

from dataclasses import replace

import pytest

from stdbctl.client import (
    ConnectionClosed,
    ConnectionLost,
    EventContext,
    InternalError,
    InvalidPrediction,
    PredictionEvent,
    ReducerError,
    ReducerEvent,
    RollbackEvent,
    above,
)
from tests.client.example_bindings import Color, Db, Nothing, Point, Reducers, Tally
from tests.client.optimist import ME, YOU, Optimist, Rows, point


def with_points(*points: Point) -> Rows:
    return Rows({row.id: row for row in points})


def test_an_effect_is_shown_as_soon_as_the_call_is_made() -> None:
    client = Optimist()
    call = client.add(1.0)
    (row,) = client.db.point
    assert (row.x, row.id, call.is_done) == (1.0, 2**64 - 1, False)
    assert client.take() == [("insert", (row,), "PredictionEvent")]
    assert client.db.point.find(id=row.id) == row
    assert client.db.point.filter(owner=ME, x=above(0.5)) == [row]
    assert client.db.point.is_predicted(row)


def test_a_predicted_row_becomes_the_servers_in_one_update() -> None:
    client = Optimist()
    call = client.add(1.0)
    (predicted,) = client.db.point
    client.take()
    client.commit(with_points(point(17, 1.0)))
    assert client.take() == [("update", (predicted, point(17, 1.0)), "ReducerEvent")]
    assert list(client.db.point) == [point(17, 1.0)]
    assert not client.db.point.is_predicted(point(17, 1.0))
    assert call.is_done


def test_a_prediction_that_was_right_is_confirmed_without_a_word() -> None:
    client = Optimist()
    client.others(with_points(point(1, 1.0)))
    client.take()
    client.move(1, 2.0)
    assert [told[0] for told in client.take()] == ["update"]
    client.commit(with_points(point(1, 2.0)))
    assert client.take() == []
    assert list(client.db.point) == [point(1, 2.0)]


def test_a_prediction_that_was_wrong_gives_way_to_truth_in_one_update() -> None:
    client = Optimist()
    client.others(with_points(point(1, 1.0)))
    client.move(1, 2.0)
    client.take()
    client.commit(with_points(point(1, 3.0)))
    assert client.take() == [("update", (point(1, 2.0), point(1, 3.0)), "ReducerEvent")]


def test_rows_without_a_key_are_matched_by_their_values() -> None:
    client = Optimist()
    client.optimistic(lambda db: db.tally.insert(Tally(name="a", count=1))).tally(name="a", count=1)
    assert client.take() == [("insert", (Tally(name="a", count=1),), "PredictionEvent")]
    client.commit(Rows(tallies={("a", 1): Tally(name="a", count=1)}))
    assert client.take() == []
    client.optimistic(lambda db: db.tally.delete(Tally(name="a", count=1))).clear_points()
    assert client.shown().tallies == {}
    client.refuse()
    assert [(kind, event) for kind, _, event in client.take()] == [
        ("delete", "PredictionEvent"),
        ("insert", "RollbackEvent"),
    ]


def test_numbered_rows_are_matched_by_values_and_then_by_order() -> None:
    client = Optimist()

    def three(db: Db) -> None:
        for x in (1.0, 2.0, 3.0):
            db.point.insert(point(0, x))

    client.optimistic(three).add_many(count=3)
    first, second, third = sorted(client.db.point, key=lambda row: row.x)
    client.take()
    client.commit(with_points(point(10, 9.0), point(11, 3.0), point(12, 8.0)))
    assert {(old.id, new.id) for _, (old, new), _ in client.take()} == {
        (third.id, 11),
        (first.id, 10),
        (second.id, 12),
    }
    assert client.shown().points == client.server.points


@pytest.mark.parametrize("error", [ReducerError, InternalError])
def test_a_failed_call_is_rolled_back_before_it_raises(error: type[Exception]) -> None:
    client = Optimist()
    call = client.add(1.0)
    (predicted,) = client.db.point
    client.take()
    states: list[tuple[int, list[tuple[str, tuple[object, ...], str]]]] = []
    call.on_done(lambda _: states.append((len(client.db.point), client.take())))
    client.refuse() if error is ReducerError else client.break_down()
    assert states == [(0, [("delete", (predicted,), "RollbackEvent")])]
    assert isinstance(call.exception(), error)


def test_events_tell_what_was_predicted_and_why_it_was_taken_back() -> None:
    client = Optimist()
    call = client.move(1, 2.0)
    client.optimistic(lambda db: db.point.insert(point(5))).clear_points()
    prediction = client.told[0][2]
    assert prediction == PredictionEvent("clear_points", {})
    client.refuse()
    client.refuse("not you")
    rollback = client.told[-1][2]
    assert isinstance(rollback, RollbackEvent)
    assert (str(rollback.error), rollback.calls) == ("not you", (prediction,))
    assert isinstance(call.exception(), ReducerError)


def test_a_lost_connection_takes_all_predictions_back_in_one_step() -> None:
    client = Optimist()
    client.others(with_points(point(1, 1.0)))
    calls = [client.move(1, 2.0), client.add(5.0), client.move(1, 3.0)]
    client.take()
    client.lose()
    assert sorted((kind, event) for kind, _, event in client.take()) == [
        ("delete", "RollbackEvent"),
        ("update", "RollbackEvent"),
    ]
    assert list(client.db.point) == [point(1, 1.0)]
    assert all(isinstance(call.exception(), ConnectionLost) for call in calls)
    client.open()
    assert client.take() == []


def test_calls_are_predicted_upon_each_other_and_upon_changing_truth() -> None:
    client = Optimist()
    client.others(with_points(point(1, 1.0)))

    def double(db: Db) -> None:
        for row in db.point:
            db.point.update(replace(row, x=row.x * 2))

    for _ in range(3):
        client.optimistic(double).clear_points()
    assert [row.x for row in client.db.point] == [8.0]
    client.take()
    client.others(with_points(point(1, 10.0)))
    assert client.take() == [("update", (point(1, 8.0), point(1, 80.0)), "TransactionEvent")]
    client.refuse()
    assert [row.x for row in client.db.point] == [40.0]
    client.commit(with_points(point(1, 20.0)))
    assert [row.x for row in client.db.point] == [40.0]
    client.commit(with_points(point(1, 40.0)))
    assert [row.x for row in client.db.point] == [40.0]
    assert [event for *_, event in client.take()] == ["RollbackEvent"]


def test_what_others_do_to_rows_that_nobody_looked_at_runs_no_effect_again() -> None:
    client = Optimist()
    client.others(with_points(point(1), point(2)))
    runs: list[int] = []

    def effect(db: Db) -> None:
        runs.append(len(runs))
        found = db.point.find(id=1)
        assert found is not None
        db.point.update(replace(found, x=5.0))

    client.optimistic(effect).move_point(id=1, x=5.0)
    client.others(with_points(point(1), point(2, 7.0)))
    assert len(runs) == 1
    client.others(with_points(point(1, 1.0), point(2, 7.0)))
    assert len(runs) == 2


def test_pipelined_predictions_are_not_worked_out_again_by_each_answer() -> None:
    client = Optimist(is_listening=False)
    runs: list[int] = []

    def effect(db: Db) -> None:
        runs.append(len(runs))
        db.point.insert(point(0, 1.0))

    for _ in range(200):
        client.optimistic(effect).add_point(x=1.0, y=0.5, color=Color.RED, shape=Nothing(), note=None)
    for number in range(1, 201):
        client.commit(Rows({**client.server.points, number: point(number, 1.0)}))
    assert len(runs) == 200
    assert client.shown().points == client.server.points


def test_a_made_up_number_stays_the_same_until_the_server_has_its_own() -> None:
    client = Optimist()

    def effect(db: Db) -> None:
        db.point.insert(point(0, float(len(db.point))))

    client.optimistic(effect).clear_points()
    (before,) = client.db.point
    client.take()
    client.others(with_points(point(3)))
    assert [kind for kind, *_ in client.take()] == ["update", "insert"]
    assert client.db.point.find(id=before.id) == replace(before, x=1.0)


def test_an_effect_that_foresees_a_refusal_shows_nothing_until_it_no_longer_does() -> None:
    client = Optimist()
    client.others(with_points(point(1)))

    def take_seat(db: Db) -> None:
        db.tally.insert(Tally(name="seen", count=1))
        db.point.insert(point(1, 9.0))

    client.optimistic(take_seat).clear_points()
    assert client.shown() == client.server
    client.others(Rows())
    assert client.shown() == Rows({1: point(1, 9.0)}, {("seen", 1): Tally(name="seen", count=1)})
    client.optimistic(lambda db: db.point.update(point(2))).clear_points()
    assert 2 not in client.shown().points
    assert client.reports == []


def test_a_mistake_in_an_effect_is_reported_once_and_the_call_goes_on() -> None:
    client = Optimist()

    def mistaken(db: Db) -> None:
        db.tally.insert(Tally(name="half", count=1))
        db.point.insert(replace(point(2), x="far"))  # type: ignore[arg-type]

    call = client.optimistic(mistaken).clear_points()
    client.others(with_points(point(1)))
    client.others(with_points(point(2)))
    (error,) = client.reports
    assert isinstance(error, InvalidPrediction)
    assert "`x` expects" in str(error)
    assert client.shown() == client.server
    client.commit(Rows())
    assert call.result() is None


def test_an_interrupted_effect_leaves_nothing_behind() -> None:
    client = Optimist()

    def interrupted(db: Db) -> None:
        db.point.insert(point(1))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.optimistic(interrupted).clear_points()
    client.optimistic(lambda db: db.point.insert(point(2))).clear_points()
    assert set(client.shown().points) == {2}
    client.commit(Rows())
    client.refuse()
    assert client.shown() == Rows()


def test_an_effect_that_ends_the_connection_is_not_shown() -> None:
    client = Optimist()

    def ending(db: Db) -> None:
        db.point.insert(point(1))
        client.session.ended(ConnectionClosed("enough"))

    call = client.optimistic(ending).clear_points()
    assert client.shown() == Rows()
    assert isinstance(call.exception(), ConnectionLost)


def test_rows_of_another_class_are_refused() -> None:
    client = Optimist()
    client.optimistic(lambda db: db.point.insert(Tally(name="a", count=1))).clear_points()  # type: ignore[arg-type]
    (error,) = client.reports
    assert "expects Point" in str(error)


def test_predicted_numbers_are_rounded_as_the_server_rounds_them() -> None:
    client = Optimist()
    client.add(0.1)
    (predicted,) = client.db.point
    client.take()
    client.commit(with_points(point(1, predicted.x)))
    assert predicted.x != 0.1
    assert len(client.take()) == 1
    client.move(1, 0.3)
    client.take()
    client.commit(with_points(point(1, 0.3)))
    assert client.take() == []


def test_tables_of_a_connection_are_not_written_to() -> None:
    client = Optimist()
    for write in (client.db.point.insert, client.db.point.update, client.db.point.delete):
        with pytest.raises(TypeError, match=r"call a reducer, and predict what it does by `conn\.optimistic"):
            write(point(1))


def test_a_draft_serves_only_while_its_effect_runs() -> None:
    client = Optimist()
    kept: list[Db] = []
    client.optimistic(kept.append).clear_points()
    for use in (lambda: len(kept[0].point), lambda: kept[0].point.find(id=1), lambda: kept[0].point.insert(point(1))):
        with pytest.raises(TypeError, match="serves while the effect runs"):
            use()


def test_an_effect_cannot_call_reducers_nor_listen() -> None:
    client = Optimist()
    client.optimistic(lambda db: client.reducers.clear_points()).clear_points()
    client.optimistic(lambda db: db.point.on_insert(lambda ctx, row: None)).clear_points()
    assert ["effect" in str(error) for error in client.reports] == [True, True]
    client.hear()
    assert len(client.calls) == 2


def test_an_effect_sees_truth_layers_below_and_what_it_wrote() -> None:
    client = Optimist()
    client.others(with_points(point(1), point(2), point(3, owner=YOU)))
    client.optimistic(lambda db: db.point.delete(point(1))).clear_points()
    views: list[object] = []

    def effect(db: Db) -> None:
        db.point.update(point(2, 5.0))
        made = db.point.insert(point(0, 6.0))
        views.append(sorted(row.id for row in db.point))
        views.append((len(db.point), db.point.find(id=1), db.point.find(id=2)))
        views.append({row.id for row in db.point.filter(owner=ME)} == {2, made.id})
        views.append([row.x for row in db.point.filter(owner=ME, x=above(5.5))])
        views.append((db.point.is_predicted(made), db.point.delete(made), db.point.delete(made)))

    client.optimistic(effect).clear_points()
    top = 2**64 - 1
    assert views == [[2, 3, top], (3, None, point(2, 5.0)), True, [6.0], (True, True, False)]
    assert client.shown().points == {2: point(2, 5.0), 3: point(3, owner=YOU)}


def test_a_callback_that_predicts_is_told_of_after_what_is_being_told() -> None:
    client = Optimist(is_listening=False)

    def answer(context: EventContext[Db, Reducers], row: Point) -> None:
        if row.id == 1:
            client.move(2, 9.0)

    client.db.point.on_insert(answer)
    client.listen()
    client.others(with_points(point(1), point(2)))
    assert [(kind, event) for kind, _, event in client.take()] == [
        ("insert", "TransactionEvent"),
        ("insert", "TransactionEvent"),
        ("update", "PredictionEvent"),
    ]
    assert client.seen == client.shown()


def test_predictions_registered_for_a_reducer_show_with_every_call_of_it() -> None:
    client = Optimist()

    def moved(db: Db, id: int, x: float) -> None:  # noqa: A002  # the parameter's name
        found = db.point.find(id=id)
        assert found is not None
        db.point.update(replace(found, x=x))

    handler = client.predict("move_point", moved)
    client.others(with_points(point(1)))
    client.reducers.move_point(id=1, x=4.0)
    assert client.shown().points == {1: point(1, 4.0)}
    client.optimistic(lambda db: None).move_point(id=1, x=5.0)
    assert client.shown().points == {1: point(1, 4.0)}
    handler.remove()
    client.reducers.move_point(id=1, x=6.0)
    assert client.shown().points == {1: point(1, 4.0)}


def test_a_call_that_is_answered_while_rows_are_counted_anew_stays_shown_until_they_are_there() -> None:
    client = Optimist()
    client.lose()
    client.greet()
    call = client.add(1.0)
    refused = client.add(2.0)
    client.take()
    client.commit(with_points(point(4, 1.0)))
    client.refuse()
    assert [(kind, event) for kind, _, event in client.take()] == [("delete", "RollbackEvent")]
    assert [row.x for row in client.db.point] == [1.0]
    assert (call.is_done, refused.is_done) == (False, True)
    assert isinstance(refused.exception(), ReducerError)
    client.answer_subscription(Rows())
    assert call.is_done
    (told,) = client.take()
    assert (told[0], told[1][1]) == ("update", point(4, 1.0))
    assert client.shown() == client.server == client.seen


def test_event_of_a_confirmed_call_is_its_reducers() -> None:
    client = Optimist()
    client.add(1.0)
    client.commit(with_points(point(1, 2.0)))
    event = client.told[-1][2]
    assert isinstance(event, ReducerEvent)
    assert event.reducer == "add_point"
