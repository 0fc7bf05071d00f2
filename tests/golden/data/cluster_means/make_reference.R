# Coefficients, standard errors and Kenward-Roger degrees of freedom of models with means of clusters, by lme4 and
# pbkrtest. Run in this folder: Rscript make_reference.R
suppressMessages({library(lme4); library(pbkrtest); library(jsonlite)})
people <- read.csv("../explain/processed/participants.csv", na.strings = c("", "NA"), stringsAsFactors = TRUE)
# means over everybody with a baseline, whether followed up or not
known <- function(v) mean(v, na.rm = TRUE)
people$team_mean <- ave(people$y_0m, people$trust, people$team, FUN = known)
people$within_team <- people$y_0m - people$team_mean
people$share <- ave(as.numeric(people$arm == "i"), people$trust, FUN = known)
formulas <- list(
  covariate = y_6m ~ arm + y_0m + team_mean + (1 | trust:team),
  parts = y_6m ~ arm + within_team + team_mean + (1 | trust) + (1 | trust:team),
  arm = y_6m ~ arm + share + y_0m + (1 | trust:team),
  moderated = y_6m ~ arm * team_mean + y_0m + (1 | trust:team)
)
tight <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14, maxeval = 1e5))
reference <- function(formula) {
  fit <- lmer(formula, people, REML = TRUE, control = tight)
  adjusted <- vcovAdj(fit)
  df <- sapply(seq_along(fixef(fit)), function(k) Lb_ddf(as.numeric(seq_along(fixef(fit)) == k), vcov(fit), adjusted))
  list(estimate = unname(fixef(fit)), std_error = unname(sqrt(diag(as.matrix(adjusted)))), df = df)
}
answers <- lapply(formulas, reference)
answers$program <- paste0("R ", R.version$major, ".", R.version$minor, ", lme4 ", packageVersion("lme4"), ", pbkrtest ",
                          packageVersion("pbkrtest"))
write(toJSON(answers, auto_unbox = TRUE, digits = NA, pretty = TRUE), "expected.json")
