# Therapy groups in one arm, single people in the other: events, counts, answers in order, times to an event.
# Rscript tests/golden/data/one_arm/make_answers.R writes answers.csv (simulated; groups of the arm usual are empty) and
# answers.json. The group's effect exists in its arm alone: (0 + in_group | unit).
suppressMessages({
  library(lme4); library(ordinal); library(clubSandwich); library(geepack); library(survival); library(numDeriv)
  library(jsonlite)
})
here <- "tests/golden/data/one_arm"
set.seed(21)
sizes <- c(6, 7, 8, 5, 9, 6, 7, 8, 5, 7, 6, 8)
group <- rep(seq_along(sizes), sizes)
n <- length(group)
m <- 78
age <- sample(20:60, n + m, TRUE)
shift <- c(rnorm(length(sizes), 0, 0.8)[group], rep(0, m))
new <- c(rep(1, n), rep(0, m))
eta <- -0.5 + 0.6 * new + 0.02 * (age - 40) + shift
weeks <- sample(4:12, n + m, TRUE)
time <- rexp(n + m, 0.02 * exp(0.4 * new + 0.5 * shift + 0.01 * (age - 40)))
people <- data.frame(
  person = sprintf("P%03d", sample(n + m)), arm = ifelse(new == 1, "new", "usual"),
  group = c(paste0("G", group), rep("", m)), age = age, well = rbinom(n + m, 1, plogis(eta)),
  visits = rpois(n + m, weeks * exp(-2 + 0.3 * new + 0.6 * shift)), weeks = weeks,
  grade = cut(eta + 0.5 + rlogis(n + m), c(-Inf, -1, 0.5, 1.5, Inf), labels = FALSE) - 1,
  days = pmin(ceiling(time), 60), left = as.integer(time < 60)
)
people <- people[order(people$person), ]
write.csv(people, file.path(here, "answers.csv"), row.names = FALSE, na = "")
d <- people
d$arm <- relevel(factor(d$arm), "usual")
d$in_group <- as.numeric(d$arm == "new")
d$unit <- factor(ifelse(d$group == "", paste("alone", d$person), d$group))
d$grade <- factor(d$grade, ordered = TRUE)
row <- "armnew"
tight <- glmerControl("bobyqa", tolPwrss = 1e-11, optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
of_glmer <- function(fit) list(estimate = fixef(fit)[[row]], se = sqrt(vcov(fit)[row, row]), loglik = c(logLik(fit)),
                               group = VarCorr(fit)$unit[1, 1])
well <- glmer(well ~ arm + age + (0 + in_group | unit), d, family = binomial, control = tight)
points9 <- glmer(well ~ arm + age + (0 + in_group | unit), d, family = binomial, nAGQ = 9, control = tight)
visits <- glmer(visits ~ arm + offset(log(weeks)) + (0 + in_group | unit), d, family = poisson, control = tight)
graded <- clmm(grade ~ arm + age + (0 + in_group | unit), data = d, control = clmm.control(gradTol = 1e-9))

# clmm's own standard errors are differences of its search; here the Laplace approximation is written out, a group at a
# time, and its curvature at clmm's estimates found by Richardson's extrapolation
Xg <- cbind(d$in_group, d$age)
cumulative <- function(x, u, i) {
  cuts <- c(-Inf, x[1:3], Inf)
  at <- drop(Xg[i, , drop = FALSE] %*% x[4:5]) + exp(x[6]) * u * d$in_group[i]
  k <- as.integer(d$grade[i])
  sum(log(plogis(cuts[k + 1] - at) - plogis(cuts[k] - at)))
}
laplace <- function(x) {
  -sum(sapply(split(seq_len(nrow(d)), d$unit), function(i) {
    if (d$in_group[i[1]] == 0) return(cumulative(x, 0, i))
    f <- function(u) -cumulative(x, u, i) + u^2 / 2
    mode <- optimize(f, c(-6, 6), tol = 1e-12)$minimum
    for (step in 1:3) mode <- mode - grad(f, mode) / hessian(f, mode)[1, 1]
    -f(mode) - log(hessian(f, mode)[1, 1]) / 2
  }))
}
at <- c(graded$alpha, graded$beta, log(graded$ST[[1]][1, 1]))
stopifnot(abs(-laplace(at) - c(logLik(graded))) < 1e-6)
graded_se <- sqrt(solve(hessian(laplace, at))[4, 4])

# CR2 and Satterthwaite of a generalised linear model, as if people were independent (working independence); the risk
# difference is that of the mean predicted risks, a linear combination of the coefficients by the delta method. Where
# fitted values differ within clusters CR2 takes another root than Kauermann and Carroll, whose covariance is written out
kauermann_carroll <- function(fit, l) {
  mu <- fitted(fit)
  v <- family(fit)$variance(mu)
  D <- model.matrix(fit) * v                                      # canonical links
  M <- solve(crossprod(D / sqrt(v)))
  parts <- split(seq_along(mu), d$unit)
  G <- t(sapply(parts, function(i) {
    h <- D[i, , drop = FALSE] / sqrt(v[i])
    e <- eigen(diag(length(i)) - h %*% M %*% t(h), symmetric = TRUE)
    g <- e$vectors %*% (t(e$vectors) / sqrt(e$values)) %*% h %*% M %*% l / sqrt(v[i])
    replace(numeric(length(mu)), i, g)
  }))
  P <- G %*% (diag(v) - D %*% M %*% t(D)) %*% t(G)
  arm <- d$arm[sapply(parts, `[`, 1)]
  nu <- sapply(levels(arm), function(a) sum(diag(P)[arm == a])^2 / sum(P[arm == a, arm == a]^2))
  # Mancl and DeRouen's part of each cluster, and the parts of each arm put together as Welch did
  q <- sapply(parts, function(i) {
    H <- D[i, , drop = FALSE] %*% M %*% t(D[i, , drop = FALSE] / v[i])
    sum(drop(M %*% l) * (t(D[i, , drop = FALSE] / v[i]) %*% solve(diag(length(i)) - H, fit$y[i] - mu[i])))
  })
  V <- tapply(q^2, arm, sum)
  list(estimate = sum(coef(fit) * l), se = sqrt(sum((G %*% (fit$y - mu))^2)), df = sum(diag(P))^2 / sum(P^2),
       se_by_arm = sqrt(sum(V)), df_by_arm = sum(V)^2 / sum(V^2 / nu))
}
risks <- glm(well ~ arm + age, binomial, d)
V <- vcovCR(risks, cluster = d$unit, type = "CR2")
at <- function(code) {
  X <- model.matrix(~ arm + age, transform(d, arm = factor(code, levels = levels(d$arm))))
  p <- plogis(drop(X %*% coef(risks)))
  list(mean = mean(p), slope = colMeans(p * (1 - p) * X))
}
slope <- at("new")$slope - at("usual")$slope
risk <- kauermann_carroll(risks, slope)
odds <- coef_test(risks, vcov = V, test = "Satterthwaite")
rates <- glm(visits ~ arm + age + offset(log(weeks)), poisson, d)
rate <- coef_test(rates, vcov = "CR2", cluster = d$unit, test = "Satterthwaite")
uncorrected <- geeglm(visits ~ arm + age + offset(log(weeks)), id = unit, data = d[order(d$unit), ], family = poisson,
                      corstr = "independence")

# Cox: Efron's ties, Lin and Wei's covariance; corrected as Kauermann and Carroll, with degrees of freedom by
# Satterthwaite, from survival's score residuals and from the risk sets written out
cox <- coxph(Surv(days, left) ~ arm + age, d, cluster = unit, ties = "efron")
plain <- coxph(Surv(days, left) ~ arm + age, d, ties = "efron")
I <- solve(vcov(plain))
U <- rowsum(residuals(plain, "score"), d$unit)
X <- model.matrix(~ arm + age, d)[, -1]
hazard <- exp(drop(X %*% coef(plain)))
W <- lapply(split(seq_len(nrow(d)), d$unit), function(i) matrix(0, 2, 2))
for (t in sort(unique(d$days[d$left == 1]))) {
  died <- d$days == t & d$left == 1
  k <- sum(died)
  for (s in seq_len(k) - 1) {
    w <- hazard * (d$days >= t) * ifelse(died, 1 - s / k, 1)
    z <- sweep(X, 2, colSums(w * X) / sum(w))
    for (i in which(w > 0)) {
      j <- as.character(d$unit[i])
      W[[j]] <- W[[j]] + w[i] / sum(w) * tcrossprod(z[i, ])
    }
  }
}
stopifnot(max(abs(Reduce(`+`, W) - I)) < 1e-6 * max(abs(I)))
root <- t(chol(vcov(plain)))                                   # vcov = root root'
corrected <- function(j) {
  e <- eigen(diag(2) - t(root) %*% W[[j]] %*% root, symmetric = TRUE)
  half <- e$vectors %*% diag(1 / sqrt(e$values)) %*% t(e$vectors)
  solve(t(root)) %*% half %*% t(root)                          # (I - W vcov)^(-1/2)
}
A <- lapply(names(W), corrected)
names(A) <- names(W)
S <- t(sapply(names(W), function(j) drop(A[[j]] %*% U[j, ])))
kc <- vcov(plain) %*% crossprod(S) %*% vcov(plain)
l <- c(1, 0)
G <- t(sapply(names(W), function(j) drop(t(A[[j]]) %*% vcov(plain) %*% l)))
P <- -outer(seq_len(nrow(G)), seq_len(nrow(G)), Vectorize(function(a, b)
  drop(G[a, ] %*% W[[a]] %*% vcov(plain) %*% W[[b]] %*% G[b, ])))
diag(P) <- diag(P) + sapply(seq_len(nrow(G)), function(a) drop(G[a, ] %*% W[[a]] %*% G[a, ]))
df_cox <- sum(diag(P))^2 / sum(P^2)

write_json(list(
  well = of_glmer(well), points9 = of_glmer(points9), visits = of_glmer(visits),
  graded = list(estimate = coef(graded)[[row]], se = graded_se, loglik = c(logLik(graded)),
                group = c(VarCorr(graded)$unit)),
  risk = list(estimate = at("new")$mean - at("usual")$mean, se = risk$se, df = risk$df,
              se_by_arm = risk$se_by_arm, df_by_arm = risk$df_by_arm),
  odds = list(estimate = odds[2, "beta"], se = odds[2, "SE"], df = odds[2, "df_Satt"]),
  rate = kauermann_carroll(rates, c(0, 1, 0)),
  rate_cr2 = list(estimate = rate[2, "beta"], se = rate[2, "SE"], df = rate[2, "df_Satt"]),
  uncorrected = list(estimate = coef(uncorrected)[[row]], se = summary(uncorrected)$coefficients[row, 2]),
  hazard = list(estimate = coef(cox)[[row]], se = sqrt(vcov(cox)[row, row]), corrected = sqrt(kc[1, 1]), df = df_cox),
  versions = lapply(setNames(nm = c("lme4", "ordinal", "clubSandwich", "geepack", "survival")),
                    function(p) as.character(packageVersion(p)))),
  file.path(here, "answers.json"), auto_unbox = TRUE, digits = 15, pretty = TRUE)
