"""`dataclasses` for a program that must start fast: the same names with the same meaning, methods made when first used.

The standard decorator writes and compiles up to six methods of each class while a module is imported, and imports
`inspect`; for the classes of the IR that took longer than linting a file. Here a class costs little more than itself:
`__init__`, `__repr__`, `__eq__`, `__hash__` and the order are written on their first call. Type checkers see
`dataclasses` itself; `fields`, `replace` and `asdict` of `dataclasses` understand the classes. What the project does
not use (`kw_only`, `InitVar`, a standard dataclass derived from one of these) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from reprlib import recursive_repr

from peerlint.compiled import code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MISSING: Any = object()
_FIELDS = "__dataclass_fields__"
_FROZEN = "__record_is_frozen__"
_ORDER = ("__lt__", "__le__", "__gt__", "__ge__")
_COMPARISONS = {"__eq__": "==", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


class _Field:
    """A field, with what `dataclasses` asks of one; what is mostly so is said once, of the class."""

    name = type = ""
    plain_default: Any = _MISSING
    factory: Any = _MISSING
    init = repr = compare = True

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


def _field(*, default: Any = _MISSING, default_factory: Any = _MISSING, **differs: bool) -> _Field:
    each = _Field()
    each.__dict__.update(differs, plain_default=default, factory=default_factory)
    return each


def _fields_of(record: Any) -> tuple[_Field, ...]:
    return tuple(getattr(record, _FIELDS).values())


def _is_dataclass(value: object) -> bool:
    return hasattr(value if isinstance(value, type) else type(value), _FIELDS)


def _replaced(record: Any, /, **changes: Any) -> Any:
    kind = type(record)
    for name in kind.__match_args__:
        if name not in changes:
            changes[name] = getattr(record, name)
    return kind(**changes)


def _dataclass(
    cls: Any = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True, order: bool = False
) -> Any:
    if cls is None:
        return lambda decorated: _dataclass(decorated, frozen=frozen, slots=slots, eq=eq, order=order)
    inherited = _inherited_fields(cls)
    own = _own_fields(cls)
    known = {**inherited, **own} if inherited else own
    written = dict(cls.__dict__)
    if written.get("__hash__", _MISSING) is None:
        # The class has written `__eq__` alone.
        del written["__hash__"]
    # What the class has written itself stays.
    made = {**_methods(frozen, slots, eq, order), **written, _FIELDS: known, _FROZEN: frozen}
    made["__match_args__"] = tuple([name for name, each in known.items() if each.init])
    return _with_slots(cls, made, own, inherited) if slots else _without_slots(cls, made, own)


@cache
def _methods(frozen: bool, slots: bool, eq: bool, order: bool) -> dict[str, Any]:
    """What the classes of a kind have, until they have methods of their own."""
    made: dict[str, Any] = {"__init__": _init_first, "__repr__": _repr_first}
    if eq:
        made |= {"__eq__": _FIRST["__eq__"], "__hash__": _hash_first if frozen else None}
    if order:
        made |= {name: _FIRST[name] for name in _ORDER}
    if frozen:
        made["__setattr__"] = made["__delattr__"] = _refuse
        if slots:
            made["__getstate__"], made["__setstate__"] = _state, _set_state
    return made


def _inherited_fields(cls: Any) -> dict[str, _Field]:
    if cls.__bases__ == (object,):
        return {}
    return {name: each for base in reversed(cls.__mro__[1:]) for name, each in base.__dict__.get(_FIELDS, {}).items()}


def _own_fields(cls: Any) -> dict[str, _Field]:
    """The fields that the class itself declares."""
    own = {}
    namespace = cls.__dict__
    for name, kind in cls.__annotations__.items():
        if kind.startswith(("ClassVar", "typing.ClassVar")):
            continue
        each = namespace.get(name, _MISSING)
        if not isinstance(each, _Field):
            default, each = each, _Field()
            if default is not _MISSING:
                each.plain_default = default
        each.name, each.type = name, kind
        own[name] = each
    return own


def _with_slots(cls: Any, namespace: dict[str, Any], own: dict[str, _Field], inherited: dict[str, _Field]) -> Any:
    """The class anew, since slots must be known when a class is made."""
    for name in ("__dict__", "__weakref__", *own):
        namespace.pop(name, None)
    namespace["__slots__"] = tuple([name for name in own if name not in inherited] if inherited else own)
    return type(cls)(cls.__name__, cls.__bases__, namespace)


def _without_slots(cls: Any, namespace: dict[str, Any], own: dict[str, _Field]) -> Any:
    """The class itself; the defaults of its fields stay its attributes, as dataclasses has it."""
    for name, value in namespace.items():
        if cls.__dict__.get(name, _MISSING) is not value:
            setattr(cls, name, value)
    for name, each in own.items():
        if each.plain_default is not _MISSING:
            setattr(cls, name, each.plain_default)
        elif name in cls.__dict__:
            delattr(cls, name)
    return cls


def _made_when_used(name: str, make: Callable[[Any], Any]) -> Any:
    """A method of all records: puts the true one of the class in its place when it is first called."""

    def method(self: Any, /, *args: Any, **named: Any) -> Any:
        owner = next(base for base in type(self).__mro__ if name in base.__dict__)
        true = make(owner)
        setattr(owner, name, true)
        return true(self, *args, **named)

    return method


def _function(cls: Any, name: str, parameters: Iterable[str], lines: Iterable[str], names: dict[str, Any]) -> Any:
    """A method of the class from its source."""
    body = "\n ".join(lines) or "pass"
    exec(code(f"def {name}({', '.join(parameters)}):\n {body}"), names)
    made = names[name]
    made.__qualname__, made.__module__ = f"{cls.__qualname__}.{name}", cls.__module__
    return made


def _init(cls: Any) -> Any:
    frozen, slots = cls.__dict__[_FROZEN], "__slots__" in cls.__dict__
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


def _comparison(name: str, sign: str, cls: Any) -> Any:
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


_init_first = _made_when_used("__init__", _init)
_repr_first = _made_when_used("__repr__", _repr)
_hash_first = _made_when_used("__hash__", _hash)
_FIRST = {name: _made_when_used(name, partial(_comparison, name, sign)) for name, sign in _COMPARISONS.items()}


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
