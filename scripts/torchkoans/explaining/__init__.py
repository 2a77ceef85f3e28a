"""What a wrong answer is told: what torch says beside what was written, and where they part.

`assertions` listens while pytest compares and speaks when a koan has stopped; `slips` answers what
torch cannot explain. `telling` puts both into pytest's report.
"""
