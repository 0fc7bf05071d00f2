"""What people would say at six months about support, activities, changes and barriers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpis_analysis.seeds import generator
from cpis_analysis.synthetic.latent import Standing
from cpis_analysis.synthetic.normal import normal_cdf, pick
from cpis_analysis.synthetic.parameters import Parameters
from cpis_analysis.synthetic.simulated_people import People, trust_labels


def _support_share(parameters: Parameters, people: People) -> np.ndarray:
    e = parameters.experience
    share = np.where(people.implementation, e.support_implementation, e.support_comparison)
    home = people.teams.loc[people.teams["trained"], "trust"]
    at_home = people.log["trust"].isin(home).to_numpy()
    share = np.where(at_home & ~people.implementation, e.support_trained_comparison, share)
    return np.where(people.trained, e.support_trained, share)


def experience_answers(parameters: Parameters, people: People, standing: Standing, seed: int) -> pd.DataFrame:
    """Answers to the experience questions; those that were not to be asked are None."""
    e = parameters.experience
    n = len(people)
    rng = generator(seed, "synthetic", "experience")
    supported = rng.random(n) < _support_share(parameters, people)

    def asked(who: np.ndarray, codes: tuple[str, ...], shares: tuple[float, ...]) -> np.ndarray:
        answer = np.array(codes, dtype=object)[pick(rng.random(n), shares)]
        answer[~who] = None
        return answer

    def yes_no(who: np.ndarray, share: float) -> np.ndarray:
        return asked(who, ("yes", "no"), (share, 1.0 - share))

    everyone = np.ones(n, dtype=bool)
    columns = {"support_received": np.where(supported, "yes", "no").astype(object)}
    columns["materials_explained"] = asked(people.implementation, ("yes", "no", "unsure"), e.materials_explained)
    columns |= {f"activity_{name}": yes_no(supported, share) for name, share in e.activities}
    pairs = {
        "act_location": (("outside_home", "in_home"), (e.outside_home, 1.0 - e.outside_home)),
        "act_mode": (("face_to_face", "phone", "online"), e.mode),
        "act_people": (("new", "known"), (e.new_people, 1.0 - e.new_people)),
        "act_setting": (("organised", "informal"), (e.organised, 1.0 - e.organised)),
    }
    columns |= {name: asked(supported, codes, shares) for name, (codes, shares) in pairs.items()}
    change = standing.recovery[:, 1] - standing.recovery[:, 0]
    change = change / np.sqrt(2.0 * (1.0 - parameters.latent.recovery_persistence))
    for name, better, same in e.changes:
        rest = np.sqrt(1.0 - e.change_recovery**2) * rng.standard_normal(n)
        standing_low = normal_cdf(-(e.change_recovery * change + rest))
        answer = np.array(("better", "same", "worse"), dtype=object)
        columns[f"change_{name}"] = answer[pick(standing_low, (better, same, 1.0 - better - same))]
    columns |= {f"barrier_{name}": yes_no(everyone, share) for name, share in e.barriers}
    return pd.DataFrame(columns)


def focus_groups(parameters: Parameters, seed: int) -> pd.DataFrame:
    """Coded mentions by theme, trust and arm (Poisson); themes about the model in its own arm only."""
    rng = generator(seed, "synthetic", "focus groups")
    rows = []
    for theme, _, implementation, comparison in parameters.themes.mentions:
        for trust in trust_labels(parameters.design):
            for arm, mean in (("comparison", comparison), ("implementation", implementation)):
                if mean > 0:
                    rows.append((theme, trust, arm, float(_poisson(rng.random(), mean))))
    return pd.DataFrame(rows, columns=["theme", "trust", "arm", "n_mentions"])


def _poisson(uniform: float, mean: float) -> int:
    """Inverse distribution function, by addition."""
    count, probability = 0, np.exp(-mean)
    total = probability
    while uniform > total and count < 1000:
        count += 1
        probability *= mean / count
        total += probability
    return count
