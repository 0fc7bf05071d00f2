# Cox's model with clusters by R's survival: Rscript make_reference.R (writes expected.json in this folder)
suppressMessages({library(survival); library(jsonlite)})
rows <- read.csv("people.csv")
rows$arm <- factor(rows$arm, levels = c("usual", "letter (1)", "home: visit"))
rows$cluster <- interaction(rows$trust, rows$team, drop = TRUE)
fit <- coxph(Surv(days_6m, event_6m) ~ arm + age, rows, cluster = cluster, ties = "efron",
  control = coxph.control(eps = 1e-11, toler.chol = 1e-13, iter.max = 50))
b <- coef(fit); V <- vcov(fit); df <- nlevels(rows$cluster) - 3
se <- sqrt(diag(V))
f <- drop(b[1:2] %*% solve(V[1:2, 1:2], b[1:2])) / 2
zph <- cox.zph(fit)$table
km <- summary(survfit(Surv(days_6m, event_6m) ~ arm, rows), times = c(0, 30, 60, 100, 150))
out <- list(program = paste0("R ", getRversion(), ", survival ", packageVersion("survival")),
  terms = names(b), estimate = unname(b), se = unname(se), naive = unname(sqrt(diag(fit$naive.var))), df = df,
  p = unname(2 * pt(-abs(b / se), df)), joint = list(f = f, p = pf(f, 2, df, lower.tail = FALSE)),
  zph = list(arm = zph["arm", ], global = zph["GLOBAL", ]),
  km = list(time = km$time, arm = as.character(km$strata), survival = km$surv))
write(toJSON(out, auto_unbox = TRUE, digits = 15, pretty = TRUE), "expected.json")
