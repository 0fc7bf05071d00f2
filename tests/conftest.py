"""For all tests: one thread a worker, and examples that may take as long as a busy machine takes."""

import os

from hypothesis import settings

# matrices here are small, and threads that wait for each other took twice the time; read when NumPy is loaded, which
# is after this file
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# a test that fails by the clock fails on another machine only
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
