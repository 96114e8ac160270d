"""Name a triad from the states of its three pairs."""

from __future__ import annotations


def triad_of(ab: int, bc: int, ac: int) -> str:
    """Return the MAN code of three neurons a, b, c.

    Parameters
    ----------
    ab, bc, ac : int
        State of each pair seen from its first neuron: 0 none, 1 forth, 2 back, 3 mutual.
    """
    arrows = set()
    for (x, y), state in {("a", "b"): ab, ("b", "c"): bc, ("a", "c"): ac}.items():
        arrows |= {(x, y)} if state & 1 else set()
        arrows |= {(y, x)} if state & 2 else set()
    mutual = {pair for pair in arrows if pair[::-1] in arrows}
    one_way = arrows - mutual
    out = {node: sum(x == node for x, _ in one_way) for node in "abc"}
    inn = {node: sum(y == node for _, y in one_way) for node in "abc"}
    pairs = len(mutual) // 2, len(one_way)
    code = f"{pairs[0]}{pairs[1]}{3 - sum(pairs)}"
    return code + _letter(code, out, inn, mutual)


def _letter(
    code: str, out: dict[str, int], inn: dict[str, int], mutual: set[tuple[str, str]]
) -> str:
    """Tell apart triads with the same numbers of mutual, one-way and empty pairs."""
    if code == "021":
        if 2 in out.values():
            return "D"
        return "U" if 2 in inn.values() else "C"
    if code == "030":
        return "C" if set(out.values()) == {1} else "T"
    if code == "111":  # D: the one-way connection ends in the mutual pair (A↔B←C)
        paired = {node for pair in mutual for node in pair}
        return "D" if any(inn[node] for node in paired) else "U"
    if code == "120":
        (apart,) = set("abc") - {node for pair in mutual for node in pair}
        return {2: "D", 0: "U", 1: "C"}[out[apart]]
    return ""
