# Makes the reference numbers: Rscript make_reference.R   (writes again.json and more.json beside this file)
# Needs lme4, lmerTest, pbkrtest, clubSandwich, jsonlite. expected.json was made with R 4.2.2, lme4 1.1-31,
# lmerTest 3.1-3, pbkrtest 0.5.2, clubSandwich 0.5.8 from models.json by the calls below, with the best of several
# optimisers; again.json holds the same quantities as made here, so that a newer R can be compared.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(clubSandwich); library(jsonlite)})
tight <- function(optimizer) lmerControl(optimizer = optimizer, calc.derivs = FALSE, check.conv.singular = "ignore",
  optCtrl = if (optimizer == "bobyqa") list(rhoend = 1e-10, maxfun = 1e5) else list(xtol_abs = 1e-12, ftol_abs = 1e-14, maxeval = 1e5))
best <- function(formula, data, REML = TRUE, weights = NULL) {
  fits <- lapply(c("bobyqa", "nloptwrap"), function(o) {
    arguments <- list(formula, data = data, REML = REML, control = tight(o))
    if (!is.null(weights)) arguments$weights <- weights
    suppressWarnings(do.call(lmerTest::lmer, arguments))
  })
  fits[[which.max(sapply(fits, logLik))]]
}
vc <- function(m) { v <- as.data.frame(VarCorr(m)); list(grp = v$grp, var1 = v$var1, var2 = v$var2, vcov = v$vcov) }
models <- fromJSON("models.json", simplifyVector = FALSE)
again <- list()
for (m in models) {
  d <- read.csv(file.path("data", paste0(m$data, ".csv")), stringsAsFactors = TRUE)
  if (m$data == "cake") d$replicate <- factor(d$replicate)
  f <- as.formula(paste(m$fixed, "+", paste(unlist(m$re), collapse = " + ")))
  fit <- best(f, d); ml <- best(f, d, REML = FALSE)
  s <- suppressMessages(coef(summary(fit)))
  out <- list(beta = fixef(fit), se = sqrt(diag(as.matrix(vcov(fit)))), vc = vc(fit), logLik = c(logLik(fit)),
              logLik_ml = c(logLik(ml)), satt_df = s[, "df"])
  if (is.null(m$nokr)) {
    L <- diag(length(fixef(fit)))
    out$kr_se <- sqrt(diag(as.matrix(vcovAdj(fit))))
    out$kr_df <- sapply(seq_len(nrow(L)), function(i) KRmodcomp(fit, L[i, , drop = FALSE])$test["Ftest", "ddf"])
  }
  again[[m$id]] <- out
}
write_json(again, "again.json", digits = 15, auto_unbox = TRUE)

more <- list()
sleep <- read.csv("data/sleepstudy.csv", stringsAsFactors = TRUE)
w <- 0.5 + (seq_len(nrow(sleep)) %% 7) / 4
for (f in c("Reaction ~ Days + (1 | Subject)", "Reaction ~ Days + (1 + Days | Subject)", "Reaction ~ Days + (1 + Days || Subject)")) {
  fit <- best(as.formula(f), sleep, weights = w)
  more[["weighted"]][[f]] <- list(beta = fixef(fit), se = sqrt(diag(as.matrix(vcov(fit)))), vc = vc(fit), logLik = c(logLik(fit)),
                                  satt_df = suppressMessages(coef(summary(fit)))[, "df"])
}
trial <- read.csv("data/trialok.csv", stringsAsFactors = TRUE)
ordinary <- lm(y ~ arm * wave + age, trial)
mixed <- best(y ~ arm * wave + (1 | trust) + (1 | team) + (1 | id), trial)
for (type in c("CR2", "CR3")) {
  for (by in c("trust", "team", "id")) {
    t <- coef_test(ordinary, vcov = type, cluster = trial[[by]], test = "Satterthwaite")
    more[["robust"]][["lm"]][[type]][[by]] <- list(se = t$SE, df = t$df_Satt)
  }
  v <- vcovCR(as(mixed, "lmerMod"), cluster = trial$trust, type = type)
  t <- coef_test(as(mixed, "lmerMod"), vcov = v, test = "Satterthwaite")
  more[["robust"]][["lmer"]][[type]] <- list(se = t$SE, df = t$df_Satt)
  h <- Wald_test(ordinary, constraints = constrain_zero(c(2, 5)), vcov = vcovCR(ordinary, cluster = trial$team, type = type), test = "HTZ")
  more[["robust"]][["HTZ"]][[type]] <- list(F = h$Fstat, df2 = h$df_denom, p = h$p_val)
}
ml <- best(y ~ arm * wave + (1 | trust) + (1 | team) + (1 | id), trial, REML = FALSE)
ci <- suppressWarnings(confint(as(ml, "lmerMod"), parm = "theta_", quiet = TRUE))
more[["profile"]] <- list(names = c("id", "team", "trust", "Residual"), low = ci[, 1], high = ci[, 2])
new <- data.frame(arm = c(1, 1), wave = c(1, 1), trust = c("T1", "T9"), team = c("t1", "t99"), id = c("p1", "p999"))
fit <- best(y ~ arm * wave + (1 | trust / team / id), trial)
more[["predict"]] <- list(conditional = unname(predict(fit, new, allow.new.levels = TRUE)), marginal = unname(predict(fit, new, re.form = NA)))
ss <- data.frame(ranef(best(Reaction ~ Days + (1 + Days | Subject), sleep)))
more[["modes"]] <- list(term = as.character(ss$term), group = as.character(ss$grp), value = ss$condval)
more[["versions"]] <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")), lmerTest = as.character(packageVersion("lmerTest")),
                           pbkrtest = as.character(packageVersion("pbkrtest")), clubSandwich = as.character(packageVersion("clubSandwich")))
write_json(more, "more.json", digits = 15, auto_unbox = TRUE)
