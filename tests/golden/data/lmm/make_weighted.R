# Rscript make_weighted.R: prior weights and information criteria by lme4 and lmerTest, a known residual variance by nlme
# (writes weighted.json). The tests make the same weights and the same outcome.
suppressMessages({library(lme4); library(lmerTest); library(nlme); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", calc.derivs = FALSE, check.conv.singular = "ignore",
                       optCtrl = list(rhoend = 1e-11, maxfun = 1e5))
trial <- read.csv("data/trialok.csv", stringsAsFactors = TRUE)
trial$weight <- 0.5 + (seq_len(nrow(trial)) %% 7) / 4
trial$whole <- 1 + seq_len(nrow(trial)) %% 3
trial$half <- seq_len(nrow(trial)) %% 5
out <- list()
formulas <- c("y ~ arm * wave + (1 | trust) + (1 | trust:team)", "y ~ arm + age + (1 | team) + (1 | half)",
              "y ~ arm + wave + (1 + wave | team)")
for (f in formulas) for (w in c("weight", "whole")) {
  trial$w <- trial[[w]]
  fit <- suppressWarnings(lmerTest::lmer(as.formula(f), trial, weights = w, control = control))
  ml <- suppressWarnings(lme4::lmer(as.formula(f), trial, weights = w, control = control, REML = FALSE))
  v <- as.data.frame(VarCorr(fit))
  out[["weights"]][[f]][[w]] <- list(
    beta = unname(fixef(fit)), se = unname(sqrt(diag(as.matrix(vcov(fit))))), variances = v$vcov[is.na(v$var2)],
    satterthwaite = unname(suppressMessages(coef(summary(fit)))[, "df"]), logLik = c(logLik(fit)),
    logLik_ml = c(logLik(ml)), AIC = AIC(fit), BIC = BIC(fit), AIC_ml = AIC(ml), BIC_ml = BIC(ml))
}
larger <- lme4::lmer(y ~ arm * wave + (1 | team), trial, REML = FALSE, control = control)
smaller <- lme4::lmer(y ~ wave + (1 | team), trial, REML = FALSE, control = control)
test <- anova(smaller, larger)
out[["ratio"]] <- list(statistic = test$Chisq[2], df = test$Df[2], p = test$`Pr(>Chisq)`[2])
sleep <- read.csv("data/sleepstudy.csv", stringsAsFactors = TRUE)
sleep$w <- 0.5 + (seq_len(nrow(sleep)) %% 7) / 4
for (method in "ML") for (w in c("none", "weights")) for (sigma in c(20, 40)) {
  weights <- if (w == "weights") varFixed(~ I(1 / w)) else NULL
  fit <- lme(Reaction ~ Days, sleep, random = ~ 1 | Subject, weights = weights, method = method,
             control = lmeControl(sigma = sigma, tolerance = 1e-10, msTol = 1e-12, msMaxIter = 500))
  out[["known"]][[method]][[w]][[paste0("s", sigma)]] <- list(
    beta = unname(fixef(fit)), se = unname(sqrt(diag(vcov(fit)))), variance = as.numeric(getVarCov(fit)))
}
out[["versions"]] <- list(R = as.character(getRversion()), lme4 = as.character(packageVersion("lme4")),
  lmerTest = as.character(packageVersion("lmerTest")), nlme = as.character(packageVersion("nlme")))
write_json(out, "weighted.json", digits = 15, auto_unbox = TRUE)
