"""Records are what standard dataclasses are, but for the time at which their methods are written."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from peerlint import records

#: Both decorators, and `field` of each.
MAKERS = {"standard": (dataclasses.dataclass, dataclasses.field), "ours": (records.dataclass, records.field)}


@pytest.fixture(params=list(MAKERS))
def maker(request: pytest.FixtureRequest) -> tuple[Callable[..., Any], Callable[..., Any]]:
    return MAKERS[request.param]


class Shapes:
    """The shapes of class that the project has, made with a decorator."""

    def __init__(self, maker: tuple[Callable[..., Any], Callable[..., Any]]) -> None:
        dataclass, field = maker

        @dataclass(frozen=True, slots=True)
        class Node:
            kind: ClassVar[str] = "node"
            name: str
            path: tuple[str, ...] = ()
            span: int = field(default=0, compare=False)

            @property
            def depth(self) -> int:
                return len(self.path)

        @dataclass(frozen=True, slots=True)
        class Leaf(Node):
            weight: int = 1

        @dataclass(slots=True, eq=False)
        class Tree:
            """Knows its parent, and is not compared."""

            children: list[Any] = field(default_factory=list)
            parent: Any = field(default=None, repr=False)

        @dataclass(frozen=True, slots=True, order=True)
        class Place:
            start: int
            end: int

            def __post_init__(self) -> None:
                if self.start > self.end:
                    raise ValueError("ends before it begins")

        @dataclass(frozen=True)
        class Open:
            text: str = ""
            known: dict[str, str] = field(default_factory=dict)

        @dataclass
        class Counted:
            total: int
            seen: list[int] = field(default_factory=list, init=False)
            state: str = field(default="new", init=False)

        self.Node, self.Leaf, self.Tree, self.Place = Node, Leaf, Tree, Place
        self.Open, self.Counted = Open, Counted


@pytest.fixture
def shapes(maker: tuple[Callable[..., Any], Callable[..., Any]]) -> Any:
    return Shapes(maker)


def test_arguments_fall_where_they_are_declared(shapes: Any) -> None:
    node = shapes.Node("a", span=3)
    assert (node.name, node.path, node.span, node.depth, shapes.Node.kind) == ("a", (), 3, 0, "node")
    leaf = shapes.Leaf("a", ("b",), 0, 7)
    assert (leaf.path, leaf.weight, leaf.depth) == (("b",), 7, 1)
    with pytest.raises(TypeError, match="'name'"):
        shapes.Node()
    with pytest.raises(TypeError, match="nobody"):
        shapes.Node("a", nobody=1)
    with pytest.raises(TypeError):
        shapes.Counted(1, [])
    assert (shapes.Counted(1).seen, shapes.Counted(1).state) == ([], "new")


def test_each_object_has_its_own_list(shapes: Any) -> None:
    first, second = shapes.Tree(), shapes.Tree()
    first.children.append(1)
    assert second.children == []
    assert shapes.Open().known is not shapes.Open().known


def test_equality_asks_for_the_class_and_the_fields_that_count(shapes: Any) -> None:
    assert shapes.Node("a", span=1) == shapes.Node("a", span=2)
    assert shapes.Node("a") != shapes.Node("b")
    assert shapes.Node("a") != shapes.Leaf("a")
    assert shapes.Node("a") != "a"
    assert shapes.Tree() != shapes.Tree()
    assert shapes.Counted(1) == shapes.Counted(1)


def test_what_is_frozen_and_compared_is_hashed(shapes: Any) -> None:
    assert len({shapes.Node("a", span=1), shapes.Node("a", span=2), shapes.Node("b")}) == 2
    assert len({shapes.Tree(), shapes.Tree()}) == 2
    assert hash(shapes.Place(1, 2)) == hash((1, 2))
    with pytest.raises(TypeError, match="unhashable"):
        hash(shapes.Counted(1))


def test_order_is_that_of_the_fields(shapes: Any) -> None:
    assert sorted([shapes.Place(2, 3), shapes.Place(1, 4), shapes.Place(1, 2)])[0] == shapes.Place(1, 2)
    assert shapes.Place(1, 2) <= shapes.Place(1, 2) < shapes.Place(1, 3)
    assert shapes.Place(1, 3) >= shapes.Place(1, 3) > shapes.Place(1, 2)
    with pytest.raises(TypeError):
        assert shapes.Place(1, 2) < (1, 3)
    with pytest.raises(TypeError):
        assert shapes.Node("a") < shapes.Node("b")


def test_what_is_frozen_cannot_be_changed(shapes: Any) -> None:
    for frozen, name in ((shapes.Node("a"), "name"), (shapes.Open(), "text")):
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            setattr(frozen, name, "b")
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            delattr(frozen, name)
    tree = shapes.Tree()
    tree.parent = tree
    with pytest.raises(AttributeError):
        tree.colour = "green"
    assert not hasattr(shapes.Node("a"), "__dict__")


def test_what_is_checked_after_making_is_checked(shapes: Any) -> None:
    with pytest.raises(ValueError, match="ends before"):
        shapes.Place(2, 1)
    with pytest.raises(ValueError, match="ends before"):
        shapes.Place(2, 1)


def test_repr_shows_the_fields_that_are_to_be_shown(shapes: Any) -> None:
    assert repr(shapes.Leaf("a")).endswith("Leaf(name='a', path=(), span=0, weight=1)")
    tree = shapes.Tree()
    tree.parent, tree.children = tree, [tree]
    assert repr(tree).endswith("Tree(children=[...])")


def test_positions_are_matched(shapes: Any) -> None:
    node_class, found = shapes.Node, None
    match shapes.Node("a", ("b",)):
        case node_class(name, path):
            found = (name, path)
    assert found == ("a", ("b",))
    assert shapes.Counted.__match_args__ == ("total",)


def test_the_standard_functions_understand_both(shapes: Any) -> None:
    leaf = shapes.Leaf("a", ("b",), 5)
    assert [each.name for each in dataclasses.fields(leaf)] == ["name", "path", "span", "weight"]
    assert dataclasses.replace(leaf, name="c") == shapes.Leaf("c", ("b",))
    assert dataclasses.asdict(leaf) == {"name": "a", "path": ("b",), "span": 5, "weight": 1}
    assert dataclasses.astuple(leaf) == ("a", ("b",), 5, 1)
    assert dataclasses.is_dataclass(leaf) and not dataclasses.is_dataclass("a")
    defaults = {each.name: each.default for each in dataclasses.fields(shapes.Open)}
    assert defaults == {"text": "", "known": dataclasses.MISSING}
    assert dataclasses.fields(shapes.Open)[1].default_factory is dict


def test_our_functions_are_the_standard_ones_on_ours() -> None:
    shapes: Any = Shapes(MAKERS["ours"])
    leaf = shapes.Leaf("a", ("b",), 5)
    assert [each.name for each in records.fields(shapes.Leaf)] == ["name", "path", "span", "weight"]
    assert records.replace(leaf, weight=2, path=()) == shapes.Leaf("a", (), 0, 2)
    assert leaf.weight == 1
    with pytest.raises(TypeError):
        records.replace(leaf, colour="green")
    assert all(map(records.is_dataclass, (leaf, shapes.Leaf))) and not records.is_dataclass("a")


def test_what_a_class_writes_itself_stays(maker: tuple[Callable[..., Any], Callable[..., Any]]) -> None:
    dataclass, _ = maker

    @dataclass(frozen=True, slots=True)
    class Name:
        text: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Name) and other.text.lower() == self.text.lower()

        def __hash__(self) -> int:
            return hash(self.text.lower())

        def __repr__(self) -> str:
            return f"<{self.text}>"

    assert {Name("a"), Name("A")} == {Name("A")}
    assert repr(Name("a")) == "<a>"


@records.dataclass(frozen=True, slots=True)
class Kept:
    text: str
    parts: tuple[str, ...] = ()


def test_copies_are_equal() -> None:
    kept = Kept("a", ("b",))
    assert copy.copy(kept) == copy.deepcopy(kept) == pickle.loads(pickle.dumps(kept)) == kept


def test_making_a_class_imports_no_inspection() -> None:
    program = (
        "import sys\n"
        "from peerlint.records import dataclass\n"
        "@dataclass(frozen=True, slots=True)\n"
        "class Node:\n"
        "    name: 'str'\n"
        "assert Node('a') == Node('a') and hash(Node('a')) and repr(Node('a')) == \"Node(name='a')\"\n"
        "print(*{'dataclasses', 'inspect', 'typing'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
