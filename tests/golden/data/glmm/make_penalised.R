# Firth's regression of outcomes that separate, by brglm2; run in this folder: Rscript make_penalised.R
suppressMessages({library(brglm2); library(jsonlite)})
out <- list()
firth <- function(name, formula, data, family) {
  fit <- glm(formula, data = data, family = family, method = "brglmFit", type = "AS_mean",
    control = brglmControl(epsilon = 1e-12, maxit = 1000))
  s <- summary(fit)$coefficients
  out[[name]] <<- list(program = paste("brglm2", packageVersion("brglm2")), terms = rownames(s),
    estimate = unname(s[, 1]), std_error = unname(s[, 2]), log_likelihood = as.numeric(logLik(fit)))
}
d <- read.csv("singular.csv")
d$event <- d$event * d$arm
firth("nobody_in_an_arm", event ~ arm + age, d, binomial())
d$count <- d$event + 2 * d$event * (d$age > 0)
firth("no_count_in_an_arm", count ~ arm + age, d, poisson())
d <- read.csv("singular.csv")
d$event <- as.numeric(d$age + d$arm > 0.5)
firth("told_by_covariates", event ~ arm + age, d, binomial())
write(toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE), "penalised.json")
