"""Names in another case: the tables of docs/naming.md."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stdbctl.schema import camel, pascal, sdk_camel, snake


@pytest.mark.parametrize(
    ("name", "as_camel", "as_pascal", "as_snake"),
    [
        ("player_id", "playerId", "PlayerId", "player_id"),
        ("PlayerID", "playerId", "PlayerId", "player_id"),
        ("HTTPReq", "httpReq", "HttpReq", "http_req"),
        ("HTTPRequest", "httpRequest", "HttpRequest", "http_request"),
        ("ABCd", "abCd", "AbCd", "ab_cd"),
        ("player1", "player1", "Player1", "player_1"),
        ("one_u8", "oneU8", "OneU8", "one_u_8"),
        ("vec2d", "vec2D", "Vec2D", "vec_2_d"),
        ("u8x_16", "u8X16", "U8X16", "u_8_x_16"),
        ("my2ndThing", "my2NdThing", "My2NdThing", "my_2_nd_thing"),
        ("3d", "3D", "3D", "3_d"),
        ("UPPER_SNAKE", "upperSnake", "UpperSnake", "upper_snake"),
        ("_x", "x", "X", "x"),
        ("x_", "x", "X", "x"),
        ("__x__", "x", "X", "x"),
        ("a__b", "aB", "AB", "a_b"),
        ("IDs", "iDs", "IDs", "i_ds"),
        ("_private", "private", "Private", "private"),
        ("userID", "userId", "UserId", "user_id"),
        ("with-dash and space", "withDashAndSpace", "WithDashAndSpace", "with_dash_and_space"),
        ("_", "", "", ""),
        ("", "", "", ""),
        ("straßeÄpfel", "straßeÄpfel", "StraßeÄpfel", "straße_äpfel"),
        ("名前", "名前", "名前", "名前"),
    ],
)
def test_name_converts_as_convert_case_does(name: str, as_camel: str, as_pascal: str, as_snake: str) -> None:
    assert (camel(name), pascal(name), snake(name)) == (as_camel, as_pascal, as_snake)


@pytest.mark.parametrize(
    ("wire", "key"),
    [
        ("create_player_1", "createPlayer1"),
        ("add_item", "addItem"),
        ("HTTPReq", "hTTPReq"),
        ("vec2d", "vec2d"),
        ("a__b", "aB"),
        ("a-_b", "aB"),
        ("lib.lib_insert", "lib.libInsert"),
        ("x_", "x_"),
        ("_x", "x"),
        ("", ""),
    ],
)
def test_sdk_key_is_the_one_of_the_npm_client(wire: str, key: str) -> None:
    assert sdk_camel(wire) == key


@given(st.text("abAB19_-", max_size=12))
def test_snake_case_of_snake_case_changes_nothing(name: str) -> None:
    assert snake(snake(name)) == snake(name)


@given(st.text("abAB19_-", max_size=12))
def test_the_client_finds_a_default_name_under_the_generated_key(name: str) -> None:
    assert sdk_camel(snake(name)) == camel(snake(name))
