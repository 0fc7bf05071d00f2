# Corrections of a sandwich under independence written out with full matrices, from the published formulas, and the
# jackknife over clusters by fitting again without each; run in this folder: Rscript make_corrections.R
suppressMessages(library(jsonlite))
d <- read.csv("trialglmm.csv")
fit <- glm(bin ~ arm * wave, binomial, d, control = glm.control(epsilon = 1e-14))
X <- model.matrix(fit); mu <- fitted(fit); n <- nrow(X); p <- ncol(X)
D <- X * (mu * (1 - mu)); Vi <- diag(1 / (mu * (1 - mu)))
M <- solve(t(D) %*% Vi %*% D)
teams <- unique(d$team); K <- length(teams)
inside <- lapply(teams, function(g) diag(as.numeric(d$team == g)))
U <- sapply(inside, function(S) t(D) %*% Vi %*% S %*% (d$bin - mu))
Q <- lapply(inside, function(S) t(D) %*% Vi %*% S %*% D %*% M)
# Fay & Graubard (2001), eq 2.5 and b = 0.75
G <- sapply(seq_along(Q), function(j) diag(1 / sqrt(1 - pmin(0.75, diag(Q[[j]])))) %*% U[, j])
fay <- M %*% G %*% t(G) %*% M
# Morel, Bokossa & Neerchal (2003) with r = 1, d = 2 (SAS PROC GLIMMIX, R geesmv)
k <- (n - 1) / (n - p) * K / (K - 1)
delta <- if (K > 3 * p) p / (K - p) else 0.5
xi <- max(1, sum(diag(M %*% U %*% t(U))) / p)
morel <- k * M %*% U %*% t(U) %*% M + delta * xi * M
line <- lm(bin ~ arm * wave, d)
left <- sapply(teams, function(g) coef(lm(bin ~ arm * wave, d[d$team != g, ])))
jack <- (K - 1) / K * tcrossprod(left - coef(line))
centred <- (K - 1) / K * tcrossprod(left - rowMeans(left))
se <- function(v) unname(sqrt(diag(v)))
out <- list(fay_graubard = se(fay), morel_bokossa_neerchal = se(morel), cv3 = se(jack), cv3j = se(centred))
write(toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE), "corrections.json")
