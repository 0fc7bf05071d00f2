"""Tests of one coefficient whose reference distribution comes from the data: permutations, signs, wild bootstrap."""
