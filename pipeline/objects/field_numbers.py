"""The numbers that stored fields have, by kind of object: part of the state's form, like the offsets of a file format.

A number is given once. A field keeps its number for as long as a state may hold it, also when no event carries it any
more; a new field takes the next free number of its kind. So a state that was written with fewer fields reads the same.
Each kind gives the numbers of its own fields where it is declared, from 2 on.
"""

from collections.abc import Mapping

from pipeline.objects.object import LIFE, MENTIONED

Numbers = Mapping[str, int]

COMMON: Numbers = {LIFE: 0, MENTIONED: 1}
"""What an object of any kind may hold."""
