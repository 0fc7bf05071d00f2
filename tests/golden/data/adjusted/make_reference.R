# Hagemann's adjusted permutation of clusters by hand in base R: every value is tested by itself; writes expected.json.
# Levels as in Table 1 of Hagemann (2023), Rev Econ Stat, for one side.
# Rscript tests/golden/data/adjusted/make_reference.R
library(jsonlite)
designs <- list(
  list(with = c(2.1, 0.4, 1.7, 3.9, 0.9, 1.4), without = c(-0.3, 0.2, -1.6, 0.6, 0.1, -0.4),
       levels = c("0.2" = 0.06601731602, "0.1" = 0.02272727273, "0.05" = 0.004329004329)),
  list(with = c(0.7, 1.2, -0.1, 0.9, 5.2), without = c(-0.2, 0.4, 0.1, 0.3, -2.9, 0.6, 0.8),
       levels = c("0.2" = 0.03409090909, "0.1" = 0.008838383838)),
  list(with = c(1.1, 0.2, 0.9, 1.6, 0.8, -0.6, 1.9), without = c(-0.5, 0.1, -3.1, 0.4, -0.9, 0.3, 2.2, -0.7),
       levels = c("0.2" = 0.06, "0.1" = 0.02333333333, "0.05" = 0.008666666667, "0.02" = 0.001333333333)),
  list(with = c(2.2, 1.4, 3.1, 0.7, 2.6, 1.9, 0.5, 9.3), without = c(-1.1, 0.3, -0.4, 0.6, -0.8, -2.7, 0.1, -0.2),
       levels = c("0.2" = 0.08133333333, "0.1" = 0.03066666667, "0.05" = 0.01533333333, "0.02" = 0.002666666667))
)
# whether the difference is larger than d at one side's level
larger <- function(with, without, d, level) {
  all <- c(with - d, without)
  chosen <- combn(length(all), length(with))
  found <- apply(chosen, 2, function(i) mean(all[i]) - mean(all[-i]))  # the observed allocation comes first
  found[1] > sort(found)[ceiling(round((1 - level) * length(found), 4))]
}
decisions <- function(design) {
  values <- seq(-4, 6, by = 0.25) + 0.013  # beside ties
  by_level <- lapply(design$levels, function(level) sapply(values, function(d) {
    larger(design$with, design$without, d, level) || larger(design$without, design$with, -d, level)
  }))
  list(with = design$with, without = design$without, values = values, rejected = by_level)
}
write_json(list(R = R.version.string, designs = lapply(designs, decisions)), auto_unbox = TRUE, digits = NA,
           path = "tests/golden/data/adjusted/expected.json")
