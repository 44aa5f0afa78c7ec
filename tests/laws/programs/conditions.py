"""Conditions of random programs."""

from __future__ import annotations

import random

from tests.laws.programs.pieces import BUCKET, FIELDS, WORDS, Pieces, quoted


class Conditions(Pieces):
    """Writes conditions, and the commands whose success they ask for."""

    def condition(self) -> str:
        roll = self.chance.random()
        if roll < 0.12:
            return f"{self.test()} {self.chance.choice(('&&', '||'))} {self.test()}"
        if roll < 0.22:
            return f"! {self.test()}"
        if roll < 0.27:
            return f"{self.test()} && {self.test()} && {self.test()}"
        if roll < 0.34:
            return f"{self.chance.choice(('', '! '))}{self.change()}{self.quiet()}"
        return self.test()

    def test(self) -> str:
        chance = self.chance
        name = self.any_name()
        forms: list[str] = [f"[ {self.number()} {chance.choice(('-eq', '-ne', '-gt', '-ge', '-lt', '-le'))} 5 ]"]
        if name is not None:
            word = quoted(chance.choice(WORDS))
            prefix = chance.choice(("do", "a", "v1"))
            forms += [
                f'[ "${name}" = {word} ]',
                f'[ "${name}" != {word} ]',
                f'[ -z "${name}" ]',
                f'[ -n "${name}" ]',
                f'[[ "${name}" == {word} ]]',
                f"[[ -z ${name} ]]",
                f"[[ ${name} == {prefix}* ]]",
                f"[[ ${name} == *{prefix}* ]]",
                f"[[ ${name} =~ ^[a-z]+$ ]]",
                f'[[ -n "${name}" && ${name} != {word} ]]',
                f'echo "${name}" | grep -q {prefix}',
                f"echo \"${name}\" | grep -qE '^[0-9]+$'",
                f'test "${name}" = {word}',
                f'[ "${name}" = {word} -o -z "${name}" ]',
                f'[ -n "${name}" -a "${name}" != {word} ]',
                f'[ ! "${name}" = {word} ]',
                f"[[ ! ${name} == *{prefix} && -n ${name} ]]",
                f'[[ "${name}" == {prefix}* || "${name}" == *"{prefix}" ]]',
                f"[[ ${name} =~ ^v[0-9]+ ]]",
                f'[ "${{{name}:-none}}" = none ]',
                f'[ "${{#{name}}}" -gt 4 ]',
                f'echo "${name}" | grep -qi {prefix.upper()}',
                f"printf '%s\\n' \"${name}\" | grep -qv {prefix}",
                f'[ "$(echo "${name}" | cut -c1)" = {prefix[0]} ]',
                f'[ "$(echo "${name}" | grep -c {prefix})" -gt 0 ]',
                f'grep -q {prefix} <<< "${name}"',
            ]
        if self.numbers:
            number = chance.choice(self.numbers)
            forms += [
                f"(( {number} > {chance.randrange(9)} ))",
                f"(( {number} % 2 == 0 ))",
                f'[ "${number}" -eq "{self.number_of(chance)}" ]',
            ]
        if self.documents:
            document, part = chance.choice(self.documents), chance.choice(FIELDS)
            forms += [
                f'echo "${document}" | jq -e \'has("{part}")\' >/dev/null',
                f'[ "$(echo "${document}" | jq -r \'.{part} // "none"\')" = none ]',
            ]
        return chance.choice(forms)

    def number_of(self, chance: random.Random) -> str:
        """A number, or what stands for it inside quotes."""
        return f"${chance.choice(self.numbers)}" if chance.random() < 0.5 else str(chance.randrange(9))

    def change(self) -> str:
        """One command that writes."""
        key = self.key()
        return self.chance.choice(
            (
                f"nats kv put {BUCKET} {key} {self.stored()}",
                f"nats kv put {BUCKET} {key} {self.stored()}",
                f"nats kv create {BUCKET} {key} {self.stored()}",
                f"nats kv del {BUCKET} {key} --force",
                f"echo {self.stored()} | nats kv put {BUCKET} {key}",
            )
        )
