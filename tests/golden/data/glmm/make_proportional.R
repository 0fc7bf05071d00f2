# Partial proportional odds by ordinal; run in this folder: Rscript make_proportional.R
suppressMessages({library(ordinal); library(jsonlite)})
wine <- read.csv("wine.csv", stringsAsFactors = TRUE); wine$rating <- factor(wine$rating, ordered = TRUE)
better <- read.csv("ordinal.csv"); better$better <- factor(better$better, ordered = TRUE)
exact <- clm.control(gradTol = 1e-10)
pairs <- list(
  wine_contact = list(clm(rating ~ temp + contact, data = wine, control = exact),
    clm(rating ~ temp, nominal = ~ contact, data = wine, control = exact)),
  ordinal_arm = list(clm(better ~ arm + age, data = better, control = exact),
    clm(better ~ age, nominal = ~ arm, data = better, control = exact)),
  ordinal_age = list(clm(better ~ arm + age, data = better, control = exact),
    clm(better ~ arm, nominal = ~ age, data = better, control = exact)))
out <- lapply(pairs, function(p) { t <- anova(p[[1]], p[[2]])
  list(df = t$df[2], statistic = t$LR.stat[2], p_value = t[["Pr(>Chisq)"]][2],
    log_likelihood = as.numeric(logLik(p[[2]]))) })
write(toJSON(c(list(program = paste("ordinal", packageVersion("ordinal"))), out), auto_unbox = TRUE, digits = 12,
  pretty = TRUE), "proportional.json")
