"""`dataclasses` for a program that must start fast: the same names with the same meaning, methods made when first used.

The standard decorator writes and compiles up to six methods of each class while a module is imported, and imports
`inspect`; for the classes of the IR that took longer than linting a file. Here a class costs little more than itself:
`__init__`, `__repr__`, `__eq__`, `__hash__` and the order are written on their first call. Type checkers see
`dataclasses` itself; `fields`, `replace` and `asdict` of `dataclasses` understand the classes. What the project does
not use (`kw_only`, `InitVar`, a standard dataclass derived from one of these) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from reprlib import recursive_repr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MISSING: Any = object()
_FIELDS = "__dataclass_fields__"
_ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


class _Field:
    """A field, with what `dataclasses` asks of one."""

    __slots__ = ("compare", "factory", "init", "name", "plain_default", "repr", "type")

    def __init__(self, plain_default: Any, factory: Any, init: bool, shown: bool, compare: bool) -> None:
        self.name = self.type = ""
        self.plain_default = plain_default
        self.factory = factory
        self.init = init
        self.repr = shown
        self.compare = compare

    @property
    def default(self) -> Any:
        return _standard("MISSING") if self.plain_default is _MISSING else self.plain_default

    @property
    def default_factory(self) -> Any:
        return _standard("MISSING") if self.factory is _MISSING else self.factory

    @property
    def _field_type(self) -> Any:
        """By this `dataclasses.fields` tells fields from ClassVars."""
        return _standard("_FIELD")


def _standard(name: str) -> Any:
    import dataclasses

    return getattr(dataclasses, name)


def _field(
    *,
    default: Any = _MISSING,
    default_factory: Any = _MISSING,
    init: bool = True,
    repr: bool = True,  # noqa: A002
    compare: bool = True,
) -> _Field:
    return _Field(default, default_factory, init, repr, compare)


def _fields_of(record: Any) -> tuple[_Field, ...]:
    return tuple(getattr(record, _FIELDS).values())


def _is_dataclass(value: object) -> bool:
    return hasattr(value if isinstance(value, type) else type(value), _FIELDS)


def _replaced(record: Any, /, **changes: Any) -> Any:
    for each in getattr(record, _FIELDS).values():
        if each.init and each.name not in changes:
            changes[each.name] = getattr(record, each.name)
    return type(record)(**changes)


def _dataclass(
    cls: Any = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True, order: bool = False
) -> Any:
    if cls is None:
        return lambda decorated: _dataclass(decorated, frozen=frozen, slots=slots, eq=eq, order=order)
    inherited = {
        name: each for base in reversed(cls.__mro__[1:]) for name, each in base.__dict__.get(_FIELDS, {}).items()
    }
    own = _own_fields(cls)
    if slots:
        cls = _with_slots(cls, own, [name for name in own if name not in inherited])
    known = {**inherited, **own}
    setattr(cls, _FIELDS, known)
    _add(cls, "__match_args__", tuple(name for name, each in known.items() if each.init))
    _add(cls, "__init__", _made_when_used(cls, "__init__", partial(_init, cls, frozen, slots)))
    _add(cls, "__repr__", _made_when_used(cls, "__repr__", partial(_repr, cls)))
    if eq:
        explicit_hash = cls.__dict__.get("__hash__") is not None
        _add(cls, "__eq__", _made_when_used(cls, "__eq__", partial(_comparison, cls, "__eq__", "==")))
        if not explicit_hash:
            cls.__hash__ = _made_when_used(cls, "__hash__", partial(_hash, cls)) if frozen else None
    if order:
        for name, sign in _ORDER.items():
            _add(cls, name, _made_when_used(cls, name, partial(_comparison, cls, name, sign)))
    if frozen:
        cls.__setattr__ = cls.__delattr__ = _refuse
        if slots:
            _add(cls, "__getstate__", _state)
            _add(cls, "__setstate__", _set_state)
    return cls


def _own_fields(cls: Any) -> dict[str, _Field]:
    """The fields that the class itself declares; where it keeps no slots, their defaults stay its attributes."""
    own = {}
    for name, kind in cls.__annotations__.items():
        if kind.startswith(("ClassVar", "typing.ClassVar")):
            continue
        default = cls.__dict__.get(name, _MISSING)
        each = default if isinstance(default, _Field) else _Field(default, _MISSING, True, True, True)
        each.name, each.type = name, kind
        own[name] = each
        if each is default:
            if each.plain_default is _MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, each.plain_default)
    return own


def _with_slots(cls: Any, own: Iterable[str], slots: list[str]) -> Any:
    """The class anew, since slots must be known when a class is made."""
    namespace = dict(cls.__dict__)
    for name in ("__dict__", "__weakref__", *own):
        namespace.pop(name, None)
    namespace["__slots__"] = tuple(slots)
    return type(cls)(cls.__name__, cls.__bases__, namespace)


def _add(cls: Any, name: str, value: object) -> None:
    """What the class has written itself stays."""
    if name not in cls.__dict__:
        setattr(cls, name, value)


def _made_when_used(cls: Any, name: str, make: Callable[[], Any]) -> Any:
    """A method that puts the true one in its place when it is called."""

    def method(self: Any, /, *args: Any, **named: Any) -> Any:
        made = make()
        setattr(cls, name, made)
        return made(self, *args, **named)

    return method


def _function(cls: Any, name: str, parameters: Iterable[str], lines: Iterable[str], names: dict[str, Any]) -> Any:
    """A method of the class from its source."""
    body = "\n ".join(lines) or "pass"
    exec(f"def {name}({', '.join(parameters)}):\n {body}", names)
    made = names[name]
    made.__qualname__, made.__module__ = f"{cls.__qualname__}.{name}", cls.__module__
    return made


def _init(cls: Any, frozen: bool, slots: bool) -> Any:
    names: dict[str, Any] = {"_missing": _MISSING, "_set": object.__setattr__}
    parameters, lines = ["self"], []
    for name, each in getattr(cls, _FIELDS).items():
        value = name
        if each.factory is not _MISSING:
            names[f"_new_{name}"] = each.factory
            value = f"_new_{name}() if {name} is _missing else {name}" if each.init else f"_new_{name}()"
        elif each.plain_default is not _MISSING:
            names[f"_default_{name}"] = each.plain_default
            value = name if each.init else f"_default_{name}"
        elif not each.init:
            continue
        if each.init:
            parameters.append(name + _written_default(each))
        if frozen and slots:
            names[f"_set_{name}"] = getattr(cls, name).__set__
            lines.append(f"_set_{name}(self, {value})")
        else:
            lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    return _function(cls, "__init__", parameters, lines, names)


def _written_default(each: _Field) -> str:
    if each.factory is not _MISSING:
        return "=_missing"
    return f"=_default_{each.name}" if each.plain_default is not _MISSING else ""


def _repr(cls: Any) -> Any:
    shown = ", ".join(f"{name}={{self.{name}!r}}" for name, each in getattr(cls, _FIELDS).items() if each.repr)
    line = f"return f'{{self.__class__.__qualname__}}({shown})'"
    return recursive_repr()(_function(cls, "__repr__", ("self",), (line,), {}))


def _comparison(cls: Any, name: str, sign: str) -> Any:
    lines = (
        "if other.__class__ is not self.__class__:",
        " return NotImplemented",
        f"return {_compared(cls, 'self')} {sign} {_compared(cls, 'other')}",
    )
    return _function(cls, name, ("self", "other"), lines, {})


def _hash(cls: Any) -> Any:
    return _function(cls, "__hash__", ("self",), (f"return hash({_compared(cls, 'self')})",), {})


def _compared(cls: Any, whose: str) -> str:
    return f"({''.join(f'{whose}.{name}, ' for name, each in getattr(cls, _FIELDS).items() if each.compare)})"


def _refuse(self: Any, name: str, *value: Any) -> None:
    raise _standard("FrozenInstanceError")(f"cannot {'assign to' if value else 'delete'} field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in getattr(self, _FIELDS)]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(getattr(self, _FIELDS), state, strict=True):
        object.__setattr__(self, name, value)


if TYPE_CHECKING:
    from dataclasses import dataclass, field, fields, is_dataclass, replace
else:
    dataclass, field, fields, is_dataclass, replace = _dataclass, _field, _fields_of, _is_dataclass, _replaced

__all__ = ["dataclass", "field", "fields", "is_dataclass", "replace"]
