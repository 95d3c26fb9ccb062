"""Types as other languages, other libraries and older Pythons call them, none of them imported."""

from stdbctl.module import PrimaryKey, table, u64


@table()
class Player:
    id: PrimaryKey[u64]
    name: string
    title: String
    bio: text
    age: integer
    level: uint
    small: uint8
    large: long
    score: double
    ready: boolean
    note: Optional[str]
    tags: List[str]
    pairs: Dict[str, int]
    born: datetime
    token: UUID
    price: Decimal
    extra: Any
    raw: bytearray
    items: Vec[str]
    owner: identity
    at: timestamp
    size: number
