# Rubin's rules by R's mice; the numbers are copied to tests/golden/test_imputation_pooled.py.
library(mice)
q <- c(1.21, 0.84, 1.50, 1.02, 0.67, 1.33, 0.95, 1.18, 0.74, 1.40)
u <- c(0.96, 0.91, 1.02, 0.88, 0.94, 1.05, 0.99, 0.90, 0.93, 1.01)^2
show <- function(found) print(unlist(found[c("qbar", "ubar", "b", "t", "df", "fmi")]), digits = 12)
show(pool.scalar(q, u))
# pool.scalar(n, k) takes n - k for the complete-data degrees of freedom
for (df in c(3.9, 8)) show(pool.scalar(q, u, n = df + 1, k = 1))
print(packageVersion("mice"))
