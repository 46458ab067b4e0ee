"""All findings of one machine: as a table for people, as plain data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from drivers.ssh.facts import Facts
from drivers.ssh.preflight.finding import Finding, Grade


@dataclass(frozen=True, slots=True)
class Report:
    """What was found on one machine."""

    facts: Facts
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the machine can be a host: nothing failed."""
        return self.count(Grade.FAIL) == 0

    def count(self, grade: Grade) -> int:
        """Return how many checks ended so."""
        return sum(finding.grade is grade for finding in self.findings)

    @property
    def verdict(self) -> str:
        """The outcome in a sentence."""
        counts = ", ".join(f"{self.count(grade)} {grade}" for grade in Grade)
        fit = "is fit to be a host" if self.ok else "is not fit to be a host"
        return f"{self.facts.host} {fit}: {counts}"

    def text(self) -> str:
        """Return the table, and below each row that is not PASS what is required and how to mend.

        Ends with the verdict.
        """
        return "\n".join([*self._lines(), "", self.verdict])

    def _lines(self) -> Iterator[str]:
        width = max(len(finding.check) for finding in self.findings)
        for finding in self.findings:
            yield f"{finding.grade}  {finding.check:<{width}}  {finding.found}"
            if finding.grade is not Grade.PASS:
                yield f"      {'':<{width}}  required: {finding.required}"
                yield f"      {'':<{width}}  to mend:  {finding.mend}"

    def document(self) -> dict[str, object]:
        """Return everything as JSON has it: host, ok, findings and facts."""
        facts = asdict(self.facts) | {"commands": sorted(self.facts.commands)}
        return {
            "host": self.facts.host,
            "ok": self.ok,
            "findings": [asdict(finding) for finding in self.findings],
            "facts": facts,
        }

    def __str__(self) -> str:
        return self.text()
