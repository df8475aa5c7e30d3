"""Each requirements file pins all requirements of its pins, including extras, as pip requires for hashes."""

import functools
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import FOLDER, TEMPLATE

FILES = sorted([*TEMPLATE.glob("requirements/*.txt"), *FOLDER.glob("requirements/*.txt")])
# The supported environments. The patch release matters: some packages are only needed before it.
MACHINES = [
    {
        "python_version": version.rpartition(".")[0],
        "python_full_version": version,
        "sys_platform": sys_platform,
        "platform_system": platform_system,
        "platform_machine": machine,
    }
    for version, (sys_platform, platform_system, machine) in itertools.product(
        ["3.11.0", "3.11.9", "3.12.0", "3.13.0"],
        [("linux", "Linux", "x86_64"), ("linux", "Linux", "aarch64"), ("darwin", "Darwin", "arm64")],
    )
]


def pins_in(file: Path) -> list[Requirement]:
    """Read the pins of a requirements file, without their hashes."""
    return [Requirement(line.rstrip("\\")) for line in file.read_text().splitlines() if re.match(r"\w\S*==", line)]


@functools.cache
def requirements_of(name: str) -> list[Requirement]:
    """Return the requirements of a package, for any extra and machine, from the metadata of the installed version.

    This is the pinned version, unless `make test DJANGO=6.1` or another file's constraint chose a different one. A
    package that a marker excludes on this machine has no metadata.
    """
    try:
        return [Requirement(requirement) for requirement in distribution(name).requires or []]
    except PackageNotFoundError:
        return []


def applies(requirement: Requirement, machine: dict[str, str], extras: set[str] | None = None) -> bool:
    """Return whether a requirement applies on a machine, for a package that is installed with some extras."""
    marker = requirement.marker
    return not marker or any(marker.evaluate(machine | {"extra": extra}) for extra in ["", *(extras or ())])


def demands(pins: list[Requirement]) -> Iterator[tuple[str, Requirement, dict[str, str]]]:
    """Yield each requirement of the pins, with the pin's name and the machine to which it applies."""
    for pin, machine in itertools.product(pins, MACHINES):
        if applies(pin, machine):
            for requirement in requirements_of(pin.name):
                if applies(requirement, machine, pin.extras):
                    yield pin.name, requirement, machine


def meets(pin: Requirement, requirement: Requirement) -> bool:
    """Return whether a pin satisfies a requirement, with all of its extras."""
    (version,) = (specifier.version for specifier in pin.specifier)
    return (
        canonicalize_name(pin.name) == canonicalize_name(requirement.name)
        and requirement.specifier.contains(version, prereleases=True)
        and set(map(canonicalize_name, requirement.extras)) <= set(map(canonicalize_name, pin.extras))
    )


def is_met(requirement: Requirement, machine: dict[str, str], pins: list[Requirement]) -> bool:
    """Return whether one of the pins that apply to a machine satisfies a requirement."""
    return any(meets(pin, requirement) and applies(pin, machine) for pin in pins)


def broken(pins: list[Requirement], requirement: Requirement) -> Iterator[tuple[str, list[Requirement]]]:
    """Yield the name of each possible defect of a requirement's pin, with pins that have it."""
    met = [pin for pin in pins if meets(pin, requirement)]
    others = [pin for pin in pins if pin not in met]
    yield "not pinned", others
    if not requirement.specifier.contains("0", prereleases=True):
        yield "pinned too low", [*others, *(changed(pin, version="0") for pin in met)]
    if requirement.extras:
        yield "pinned without its extras", [*others, *(changed(pin, extras="") for pin in met)]


def changed(pin: Requirement, version: str = "", extras: str | None = None) -> Requirement:
    """Return a pin with another version or other extras and the same marker."""
    listed = ",".join(pin.extras) if extras is None else extras
    specifier = f"=={version}" if version else pin.specifier
    return Requirement(f"{pin.name}[{listed}]{specifier}" + (f" ; {pin.marker}" if pin.marker else ""))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(TEMPLATE)))
def test_what_a_pin_requires_is_pinned_with_its_extras(file: Path) -> None:
    pins = pins_in(file)
    lacking = {f"{name} requires {need}" for name, need, machine in demands(pins) if not is_met(need, machine, pins)}
    assert lacking == set()


def test_whatever_a_pin_lacks_is_found() -> None:
    found = Counter()
    for file in FILES:
        pins = pins_in(file)
        for _, requirement, machine in demands(pins):
            for defect, pins_with_it in broken(pins, requirement):
                assert not is_met(requirement, machine, pins_with_it), (file, requirement, defect)
                found[defect] += 1
    assert set(found) == {"not pinned", "pinned too low", "pinned without its extras"}
