"""One thread a worker: the matrices here are small, and threads that wait for each other took twice the time."""

import os

# read when NumPy is loaded, which is after this file
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
