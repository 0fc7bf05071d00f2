# Rscript make_shifts.R: lme4 with its variances held fixed, on outcomes completed by its own predictions plus a shift
# by arm (writes shifts.json). Rows lose their outcome by a rule that the test repeats; one team is lost whole in "lost".
suppressMessages({library(lme4); library(jsonlite)})
d <- read.csv("data/trialancova.csv")
i <- seq_len(nrow(d))
gone <- (7 * i) %% 11 < ifelse(d$arm == 1, 4, 3)
d$spread <- d$y1 + 4 * sin(as.integer(factor(d$team))) + 3 * cos(2 * as.integer(factor(d$trust)))
cases <- list(
  singular = list("y1 ~ arm + y0 + age + sex + (1 | trust) + (1 | team)", gone),
  positive = list("spread ~ arm + y0 + age + sex + (1 | trust) + (1 | team)", gone),
  lost = list("spread ~ arm + y0 + (1 | trust) + (1 | team)", gone | d$team == d$team[1]),
  slopes = list("spread ~ arm + y0 + (1 + y0 | team)", gone))
control <- lmerControl(optimizer = "bobyqa", calc.derivs = FALSE, optCtrl = list(rhoend = 1e-11, maxfun = 1e5))
at_theta <- function(formula, data, theta) {
  parts <- lFormula(formula, data, control = lmerControl(check.nobs.vs.nRE = "ignore"))
  value <- do.call(mkLmerDevfun, parts)
  value(theta)
  environment(value)$pp$beta(1)
}
out <- list()
for (name in names(cases)) {
  f <- as.formula(cases[[name]][[1]]); lost <- cases[[name]][[2]]
  seen <- d; seen[[all.vars(f)[1]]][lost] <- NA
  fit <- suppressMessages(suppressWarnings(lmer(f, seen, control = control)))
  expected <- predict(fit, newdata = d, allow.new.levels = TRUE)
  shifted <- function(reference, other) {
    full <- d
    full[[all.vars(f)[1]]] <- ifelse(lost, expected + ifelse(d$arm == 1, other, reference), d[[all.vars(f)[1]]])
    unname(at_theta(f, full, getME(fit, "theta")))
  }
  out[[name]] <- list(formula = cases[[name]][[1]], lost = i[lost], theta = unname(getME(fit, "theta")),
    mar = unname(fixef(fit)), unshifted = shifted(0, 0), reference = shifted(-5, 0), other = shifted(0, 3),
    both = shifted(-5, 3))
}
f <- spread ~ arm + y0 + age + sex
seen <- d; seen$spread[gone] <- NA
fit <- lm(f, seen)
full <- d; full$spread <- ifelse(gone, predict(fit, d) + ifelse(d$arm == 1, 3, -5), d$spread)
out$least_squares <- list(formula = "spread ~ arm + y0 + age + sex", lost = i[gone], mar = unname(coef(fit)),
  both = unname(coef(lm(f, full))))
write_json(list(versions = paste(R.version.string, "lme4", packageVersion("lme4")), cases = out), "shifts.json",
  digits = 12, auto_unbox = TRUE, pretty = TRUE)
