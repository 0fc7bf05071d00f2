# Reference numbers for test_analyses_confounding.py: R, lme4 and pbkrtest.
# Rscript make_reference.R > expected.json, in this folder.
library(lme4); library(pbkrtest)
people <- read.csv("people.csv", stringsAsFactors = TRUE, na.strings = "")
people$arm <- relevel(people$arm, "comparison")
people$cluster <- interaction(people$trust, people$team, drop = TRUE)
one <- function(formula, rows) {
  fit <- lmer(formula, rows, REML = TRUE,
              control = lmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 1e6, rhoend = 1e-12),
                                    check.conv.singular = "ignore"))
  V <- vcovAdj(fit); at <- which(names(fixef(fit)) == "armimplementation")
  L <- matrix(0, 1, length(fixef(fit))); L[at] <- 1
  df <- get_Lb_ddf(fit, L); se <- sqrt(V[at, at]); b <- fixef(fit)[[at]]
  q <- qt(0.975, df)
  c(n = nobs(fit), estimate = b, se = se, df = df, low = b - q * se, high = b + q * se,
    p = 2 * pt(-abs(b / se), df), reml = as.numeric(logLik(fit)))
}
base <- rguk_6m ~ arm + rguk_0m + age + gender + (1 | trust) + (1 | cluster)
more <- rguk_6m ~ arm + rguk_0m + age + gender + relationship + substance_use + admission_9m + (1 | trust) + (1 | cluster)
full <- subset(people, rguk_items_missing_0m == 0 & rguk_items_missing_6m == 0)
found <- list(ancova = one(base, people), imbalanced = one(more, people), complete_answers = one(base, full))
program <- paste0(R.version.string, ", lme4 ", packageVersion("lme4"), ", pbkrtest ", packageVersion("pbkrtest"))
cat('{\n  "program": "', program, '",\n', paste(sprintf('  "%s": {%s}', names(found), sapply(found, function(v)
  paste(sprintf('"%s": %.10g', names(v), v), collapse = ", "))), collapse = ",\n"), "\n}\n", sep = "")
