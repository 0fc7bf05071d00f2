# Rscript make_residuals.R: models whose residuals have a covariance within the person or variances by arm, by nlme
# (writes residuals.json, and data/orthodont.csv from the data set Orthodont of nlme, some rows left out).
# data/visits.csv is simulated: 12 teams in 6 trusts, 8 people each, up to four waves.
suppressMessages({library(nlme); library(jsonlite)})
ortho <- as.data.frame(Orthodont)
ortho$occasion <- match(ortho$age, sort(unique(ortho$age)))
ortho <- ortho[order(as.character(ortho$Subject), ortho$occasion), ]
ortho <- ortho[seq_len(nrow(ortho)) %% 9 != 5, ]
write.csv(data.frame(subject = as.character(ortho$Subject), sex = as.character(ortho$Sex), age = ortho$age,
                     occasion = ortho$occasion, distance = ortho$distance), "data/orthodont.csv", row.names = FALSE)
ortho$age <- factor(ortho$age)
ortho$Subject <- factor(as.character(ortho$Subject))
visits <- read.csv("data/visits.csv", stringsAsFactors = TRUE)
visits$occasion <- visits$wave + 1
visits$team <- factor(visits$team)
visits$trust <- factor(visits$trust)
visits$w <- factor(visits$wave)
visits$arm <- relevel(visits$arm, "new")

tight <- list(tolerance = 1e-11, msTol = 1e-13, msMaxIter = 2000, maxIter = 500)
# residual variances, one for each that occurs, in ascending order
variances <- function(fit) {
  weights <- if (is.null(fit$modelStruct$varStruct)) 1 else varWeights(fit$modelStruct$varStruct)
  sort(unique((fit$sigma / weights)^2))
}
out <- list()
keep <- function(name, make) {
  for (method in c("REML", "ML")) {
    fit <- make(method)
    mixed <- inherits(fit, "lme")
    out[[name]][[method]] <<- list(
      beta = unname(if (mixed) fixef(fit) else coef(fit)), se = unname(sqrt(diag(vcov(fit)))),
      logLik = c(logLik(fit)), variances = variances(fit),
      random = if (mixed) unname(sapply(fit$modelStruct$reStruct, function(s) as.matrix(s)[1, 1])) * fit$sigma^2)
  }
}
control <- do.call(glsControl, tight)
gls_of <- function(correlation, weights = NULL) function(method)
  gls(distance ~ age * Sex, ortho, correlation = correlation, weights = weights, method = method, control = control)
keep("ortho unstructured", gls_of(corSymm(form = ~ occasion | Subject), varIdent(form = ~ 1 | age)))
keep("ortho ar1", gls_of(corAR1(form = ~ occasion | Subject)))
keep("ortho compound-symmetry", gls_of(corCompSymm(form = ~ 1 | Subject)))
keep("ortho heterogeneous-ar1", gls_of(corAR1(form = ~ occasion | Subject), varIdent(form = ~ 1 | age)))
keep("ortho independent by sex", function(method)
  gls(distance ~ age * Sex, ortho, weights = varIdent(form = ~ 1 | Sex), method = method, control = control))
mixed <- do.call(lmeControl, tight)
lme_of <- function(random, correlation = NULL, weights = NULL) function(method)
  lme(y ~ arm * w + x, visits, random = random, correlation = correlation, weights = weights, method = method,
      control = mixed)
keep("visits ar1 team", lme_of(~ 1 | team, corAR1(form = ~ occasion | team/pid)))
keep("visits unstructured team", lme_of(~ 1 | team, corSymm(form = ~ occasion | team/pid), varIdent(form = ~ 1 | w)))
keep("visits unstructured trust/team",
     lme_of(~ 1 | trust/team, corSymm(form = ~ occasion | trust/team/pid), varIdent(form = ~ 1 | w)))
keep("visits ar1 person", lme_of(~ 1 | pid, corAR1(form = ~ occasion | pid)))
keep("visits independent by arm", lme_of(~ 1 | team, NULL, varIdent(form = ~ 1 | arm)))
keep("visits partially nested", lme_of(~ 0 + treated | team, NULL, varIdent(form = ~ 1 | arm)))
# the plan's estimator on a study of three waves: change since baseline at each later wave, and their average
three <- read.csv("../../../material/studies/three_waves/data/raw/visits.csv")
three <- three[!is.na(three$score) & !is.na(three$age), ]
three$occasion <- match(three$wave, c("0m", "6m", "12m"))
three$wave <- factor(three$wave, levels = c("0m", "6m", "12m"))
three$arm <- relevel(factor(three$arm), "usual")
three$cluster <- interaction(three$site, three$team, drop = TRUE)
three$part <- interaction(three$cluster, three$wave, drop = TRUE)
for (alone in c(TRUE, FALSE)) {
  correlation <- if (alone) corSymm(form = ~ occasion | pid) else corSymm(form = ~ occasion | cluster/pid)
  weights <- varIdent(form = ~ 1 | occasion)
  fit <- if (alone) gls(score ~ arm * wave + age, three, correlation = correlation, weights = weights, control = control)
    else lme(score ~ arm * wave + age, three, random = ~ 1 | cluster, correlation = correlation, weights = weights,
             control = mixed)
  b <- if (alone) coef(fit) else fixef(fit)
  V <- vcov(fit)
  at <- grep(":", names(b))
  rows <- rbind(diag(length(b))[at, ], colMeans(diag(length(b))[at, ]))
  out[[if (alone) "three alone" else "three clusters"]] <- list(
    estimate = drop(rows %*% b), se = sqrt(diag(rows %*% V %*% t(rows))), logLik = c(logLik(fit)))
}
out[["versions"]] <- list(R = as.character(getRversion()), nlme = as.character(packageVersion("nlme")))
write_json(out, "residuals.json", digits = 15, auto_unbox = TRUE, null = "null")
