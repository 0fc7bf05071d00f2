# A trial whose covariate has three categories without an order, a quarter of them missing given the outcome; mice
# imputes them by polytomous regression (polyreg). Written: the trial, and of each third of the people by the outcome how
# often each category is imputed. Run in this folder: Rscript nominal.R
suppressMessages({library(mice); library(jsonlite)})
set.seed(20260201)
n <- 400
y <- rnorm(n)
utility <- cbind(0, 0.3 + 0.8 * y, -0.4 - 0.6 * y) + matrix(-log(-log(runif(3 * n))), n)
place <- c("city", "town", "village")[max.col(utility)]
x <- rnorm(n) + 0.5 * (place == "village")
lost <- runif(n) < plogis(-1.3 + 0.7 * y)
trial <- data.frame(y = round(y, 4), x = round(x, 4), place = ifelse(lost, NA, place))
write.csv(trial, "nominal.csv", row.names = FALSE, na = "")
trial$place <- factor(trial$place)
m <- 1000
imputed <- mice(trial, m = m, maxit = 1, method = c("", "", "polyreg"), printFlag = FALSE, seed = 1)$imp$place
third <- cut(trial$y[lost], quantile(trial$y[lost], (0:3) / 3), labels = FALSE, include.lowest = TRUE)
shares <- sapply(1:3, function(k) table(factor(unlist(imputed[third == k, ]), levels(trial$place))) / (m * sum(third == k)))
out <- list(program = paste0("R ", R.version$major, ".", R.version$minor, ", mice ", packageVersion("mice")), m = m,
            lost = sum(lost), shares = t(shares))
write(toJSON(out, auto_unbox = TRUE, digits = 6), "nominal.json")
