"""What each incomplete variable is predicted from, so that the imputation knows all that the analysis asks about.

The outcome is imputed by the model of the analysis, interactions and all, with the auxiliary variables beside it.
A covariate is imputed from the outcome and everything else; a term of the analysis in which it stands with others
becomes the outcome with these others, because that is where the association would show. In the place of its means of
clusters stand those of the outcome (Grund, Luedtke & Robitzsch 2018, Organ Res Methods 21:111).
"""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.formula.parse import ClusterPart, Formula, Operand, Term, cluster_part, source_of


def predictor_terms(
    target: str, analysis: Formula, auxiliary: Sequence[str], without: Sequence[str] = ()
) -> tuple[Term, ...]:
    """Fixed terms of the model that imputes a variable.

    Parameters
    ----------
    target : str
    analysis : Formula
    auxiliary : sequence of str
    without : sequence of str
        Variables that can't stand in the model, because they are the same for all rows.

    Returns
    -------
    tuple of Term
        The intercept first; each term once.
    """
    outcome = Operand(analysis.response.variable)
    terms: list[Term] = [()]
    for term in analysis.fixed_terms:
        own = [operand for operand in term if source_of(operand.variable) == target]
        if own:
            rest = tuple(operand for operand in term if operand not in own)
            terms += [(_outcome_of(operand, outcome), *rest) for operand in own]
        else:
            terms.append(term)
    terms.append((outcome,))
    terms += [(Operand(name),) for name in auxiliary]
    kept = dict.fromkeys(term for term in terms if not {operand.variable for operand in term} & {target, *without})
    # main effects before interactions, as the coding of factors expects
    return tuple(sorted(kept, key=len))


def _outcome_of(operand: Operand, outcome: Operand) -> Operand:
    """What of the outcome tells of a covariate: its value, or its mean of the clusters where theirs is a predictor."""
    part = cluster_part(operand.variable)
    if part is None or part.kind != "mean":
        return outcome
    return Operand(str(ClusterPart("mean", outcome.variable, part.groups)))
