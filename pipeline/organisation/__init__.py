"""The organisation: who belongs where and when, whose day it is, how deals move, what money is worth."""
