"""From a design and a demand to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from simulator.kernel import simulate
from simulator.planning.exhaustion import exhaustion_of, typical_of
from simulator.planning.levels import levels_of
from simulator.planning.plan import Plan
from simulator.planning.question import Fidelity, Question
from simulator.planning.recommend import advice_of
from simulator.planning.replications import main_demand, replicate
from simulator.planning.site import site_of
from simulator.planning.stocks import stocks_of
from simulator.planning.stranded import stranded_of
from simulator.planning.survival import survival_of
from simulator.planning.timeline import timeline_of
from simulator.planning.traffic import traffic_of
from simulator.planning.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloudlab.design import Design
    from simulator.placements import Placements
    from simulator.planning.replications import DemandSource
    from simulator.planning.site import Site
    from simulator.workload import Demand


class MainRun(Protocol):
    """Plays a demand on a design, every deploy as a workflow."""

    def __call__(
        self,
        design: Design,
        demand: Demand,
        seed: int,
        progress: Callable[[int, int], object],
        stop: Callable[[], bool],
    ) -> Placements:
        """Return what became of every request, hosts counted as in `fleet_of(design)`.

        Args:
            design: the cloud.
            demand: the requests.
            seed: of everything that is drawn.
            progress: to be called now and then with requests decided, and all of them.
            stop: to be asked as often; once it is true the run ends and keeps what it has.
        """


def make_plan(
    design: Design,
    demand: DemandSource,
    *,
    scale: float = 1.0,
    growth: float = 0.0,
    horizon_days: float | None = None,
    algorithm: str | None = None,
    cpu_overcommit: float | None = None,
    replications: int = 5,
    seed: int = 0,
    fidelity: str = Fidelity.WORKFLOW,
    progress: Callable[[int, int, str], object] | None = None,
    stop: Callable[[], bool] | None = None,
    run: MainRun | None = None,
) -> Plan:
    """Return the capacity plan of `design` under `demand`.

    Args:
        design: the cloud.
        demand: the requests, or a function from a seed to requests that are as likely.
        scale: how many times as many requests as the demand has.
        growth: by how many per cent a month requests become more frequent.
        horizon_days: play the demand up to here, growing; left out: as it is, to its end.
        algorithm: a `vm.allocation.algorithm` instead of the design's.
        cpu_overcommit: a CPU over-provisioning factor for all clusters.
        replications: how many seeds the interval of exhaustion is taken over.
        seed: of everything that is drawn.
        fidelity: "workflow" plays the main run as workflows, "capacity" by the kernel; both
            choose the same hosts. Replications and searches always use the kernel.
        progress: called with steps done, steps in all and the name of the stage.
        stop: asked between steps; once it is true the plan holds what was found by then.
        run: plays the main run at workflow fidelity; left out: `simulator.scenario.run.play`.

    Raises:
        InvalidParameter: a figure is out of its range.
        InputError: the design has no algorithm of that name, or no host that takes VMs.
    """
    question = Question(
        scale=scale,
        growth=growth,
        horizon_days=horizon_days,
        algorithm=algorithm or "",
        cpu_overcommit=cpu_overcommit,
        replications=replications,
        seed=seed,
        fidelity=fidelity,
    )
    changed = question.design(design)
    site, watch = site_of(changed, seed), Watch(progress, stop)
    played = main_demand(demand, question)
    watch.begin("main run", len(played))
    if question.fidelity == Fidelity.CAPACITY:
        placements = simulate(site.fleet, played, site.rules, watch.tell, watch.is_stopped)
    else:
        placements = (run or _play())(changed, played, seed, watch.tell, watch.is_stopped)
    return plan_of(site, question, source=demand, played=played, placements=placements, watch=watch)


def plan_of(
    site: Site,
    question: Question,
    *,
    source: DemandSource,
    played: Demand,
    placements: Placements,
    watch: Watch | None = None,
) -> Plan:
    """Return the plan that follows from a main run.

    Args:
        site: the cloud.
        question: what is asked.
        source: where the replications take their demand from.
        played: the demand of the main run.
        placements: what became of it.
        watch: who hears of progress.
    """
    watch = watch or Watch()
    decided = len(placements)
    end_s = question.end_s(played) if decided == len(played) else _last_s(played, decided)
    stocks = stocks_of(site, placements, played)
    typical = typical_of(played, site.rules)
    traffic = traffic_of(placements, played, end_s)
    survival = survival_of(site, stocks, played, placements, watch)
    advice = advice_of(site, played, traffic, survival, watch)
    replicated = replicate(site, source, question, typical=typical, best=advice.best, watch=watch)
    return Plan(
        cloud=site.name,
        demand=played.name,
        algorithm=site.rules.algorithm,
        question=question,
        traffic=traffic,
        typical=typical,
        levels=levels_of(site.fleet, stocks, end_s),
        survival=survival,
        exhaustion=exhaustion_of([each.runs_out for each in replicated]),
        replications=tuple(each.replication for each in replicated),
        stranded=stranded_of(site, stocks, typical),
        advice=advice,
        timeline=timeline_of(site.fleet, stocks, played, placements, end_s),
        stopped_at=watch.stopped_at,
    )


def _play() -> MainRun:
    """Return the player of workflows; it builds whole clouds, and is slow to load."""
    from simulator.scenario.run import play  # noqa: PLC0415

    return play


def _last_s(demand: Demand, decided: int) -> float:
    """Return when the last request that a stopped run decided arrived."""
    return float(demand.arrival_s[decided - 1]) if decided else 0.0
