# Simulated residuals by hand, and predicted effects of lme4; run in this folder: Rscript make_residuals.R
# DHARMa's definitions (its manual: simulateResiduals, method PIT; testDispersion; testZeroInflation), written out.
suppressMessages({library(lme4); library(jsonlite)})
d <- read.csv("slopes.csv"); d <- d[seq(1, nrow(d), length.out = 60), ]
fit <- glmer(count ~ arm + t + (1 | site), data = d, family = poisson,
  control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
set.seed(11)
sim <- as.matrix(simulate(fit, nsim = 99, re.form = NA))
obs <- d$count; n <- length(obs); all <- cbind(obs, sim); u <- matrix(round(runif(n * 100), 4), n)
lower <- rowMeans(sim < obs); upper <- rowMeans(sim <= obs)
pit <- lower + u[, 1] * (upper - lower)
own <- sapply(1:100, function(b) sapply(1:n, function(i)
  (sum(all[i, ] < all[i, b]) + u[i, b] * sum(all[i, ] == all[i, b])) / 100))
expected <- rowMeans(all)
spread <- apply(all, 2, function(x) var(x - expected)); zeros <- colSums(all == 0)
two <- function(s) min(1, 2 * min(mean(s <= s[1]), mean(s >= s[1])))
ks <- suppressWarnings(apply(own, 2, function(r) ks.test(r, "punif")$statistic))
modes <- ranef(fit, condVar = TRUE)$site
write(toJSON(list(
  program = paste("R", getRversion(), "lme4", packageVersion("lme4")),
  coefficients = as.list(fixef(fit)), variance = as.numeric(VarCorr(fit)$site),
  modes = as.list(setNames(modes[, 1], rownames(modes))),
  responses = unname(all), uniform = unname(u), residuals = unname(own[, 1:5]), dharma = pit, distance = unname(ks[1]),
  distance_p = mean(ks >= ks[1]), dispersion = unname(spread[1]) / mean(spread[-1]), dispersion_p = two(spread),
  zeros = unname(zeros[1]) / mean(zeros[-1]), zeros_p = two(zeros)), auto_unbox = TRUE, digits = 10),
  "residuals.json")
