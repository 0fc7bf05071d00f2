# Reference fits of generalised linear mixed models; run in this folder: Rscript make_reference.R
# Laplace and joint-Hessian standard errors by glmmTMB (exact gradients), quadrature by lme4, ordered outcomes by ordinal.
suppressMessages({library(glmmTMB); library(lme4); library(ordinal); library(jsonlite)})
tight <- glmmTMBControl(optCtrl = list(iter.max = 5000, eval.max = 5000, rel.tol = 1e-14, x.tol = 1e-12))
read <- function(name) read.csv(paste0(name, ".csv"), stringsAsFactors = TRUE)
out <- list()
variances <- function(fit) unlist(lapply(VarCorr(fit)$cond, function(v) v[lower.tri(v, diag = TRUE)]))
tmb <- function(name, data, formula, family, ...) {
  fit <- glmmTMB(formula, data = read(data), family = family, control = tight, ...)
  s <- summary(fit)$coefficients$cond
  out[[name]] <<- list(program = paste("glmmTMB", packageVersion("glmmTMB")), terms = rownames(s),
    estimate = unname(s[, 1]), std_error = unname(s[, 2]), variances = as.list(variances(fit)),
    dispersion = sigma(fit), log_likelihood = as.numeric(logLik(fit)))
}
agq <- function(name, data, formula, points) {
  fit <- glmer(formula, data = read(data), family = binomial, nAGQ = points,
    control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5), tolPwrss = 1e-12))
  s <- summary(fit)$coefficients
  out[[name]] <<- list(program = paste("lme4", packageVersion("lme4")), terms = rownames(s),
    estimate = unname(s[, 1]), std_error = unname(s[, 2]), variances = as.list(unlist(VarCorr(fit))),
    log_likelihood = as.numeric(logLik(fit)))
}
clmms <- function(name, data, formula, ...) {
  d <- read(data); d$answer <- factor(d[[all.vars(formula)[1]]], ordered = TRUE)
  fit <- clmm(update(formula, answer ~ .), data = d, Hess = TRUE,
    control = clmm.control(gradTol = 1e-8, innerCtrl = "noWarn", maxIter = 200, maxLineIter = 200), ...)
  s <- summary(fit)$coefficients
  out[[name]] <<- list(program = paste("ordinal", packageVersion("ordinal")), terms = rownames(s),
    estimate = unname(s[, 1]), std_error = unname(s[, 2]), variances = as.list(unlist(VarCorr(fit))),
    log_likelihood = as.numeric(logLik(fit)))
}
tmb("nested", "nested", event ~ arm + age + (1 | trust) + (1 | team), binomial())
tmb("singular", "singular", event ~ arm + age + (1 | team), binomial())
tmb("near_separation", "near_separation", event ~ arm + age + (1 | team), binomial())
tmb("crossed", "crossed", solved ~ group + (1 | person) + (1 | item), binomial())
tmb("negative_binomial", "negative_binomial", visits ~ arm + offset(log(time)) + (1 | trust) + (1 | team), nbinom2())
tmb("poisson_slopes", "slopes", count ~ arm + t + (1 + t | site), poisson())
tmb("bounded_sum", "bounded_sum", cbind(score, largest - score) ~ arm + age + (1 | team), betabinomial())
tmb("contraception", "Contraception", use ~ age + age2 + urban + livch + (1 | district), binomial())
tmb("cbpp", "cbppbern", y ~ period + (1 | herd), binomial())
tmb("grouse", "grouseticks", TICKS ~ YEAR + cHEIGHT + (1 | LOCATION) + (1 | BROOD) + (1 | INDEX), poisson())
tmb("trial_binary", "trialglmm", bin ~ arm * wave + (1 | team) + (1 | id), binomial())
tmb("trial_count", "trialglmm", cnt ~ arm * wave + (1 | team) + (1 | id), nbinom2())
agq("nested_quadrature", "nested", event ~ arm + age + (1 | team), 25)
agq("cbpp_quadrature", "cbppbern", y ~ period + (1 | herd), 9)
clmms("ordinal", "ordinal", better ~ arm + age + (1 | trust) + (1 | team))
clmms("wine", "wine", rating ~ temp + contact + (1 | judge))
clmms("wine_quadrature", "wine", rating ~ temp + contact + (1 | judge), nAGQ = 10)
clmms("trial_ordinal", "trialglmm", ord ~ arm * wave + (1 | team) + (1 | id))
write(toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE), "expected.json")
