"""What to buy so that nothing is refused and every cluster survives the loss of a host."""

from simulator.planning.recommend.advice import Advice, advice_of
from simulator.planning.recommend.record import Addition, Recommendation, Remedy
from simulator.planning.recommend.suffices import suffices

__all__ = ["Addition", "Advice", "Recommendation", "Remedy", "advice_of", "suffices"]
