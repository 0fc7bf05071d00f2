# Rscript make_slopes.R: best log-likelihood of three lme4 optimisers for models with slopes (writes slopes.json).
# slopes.csv holds 25 simulated data sets (5 to 14 groups; variances of 0, 0.09 or 1, most fits singular).
suppressMessages({library(lme4); library(jsonlite)})
d <- read.csv("slopes.csv"); d$g <- factor(d$g); d$h <- factor(d$h)
out <- list()
for (f in c("y ~ t + (1 + t | g)", "y ~ t + (1 + t | g) + (1 | h)", "y ~ t + (1 | h) + (0 + t | g)"))
  out[[f]] <- sapply(sort(unique(d$i)), function(i) max(sapply(c("bobyqa", "nloptwrap", "Nelder_Mead"), function(o)
    c(logLik(suppressMessages(suppressWarnings(lmer(as.formula(f), d[d$i == i, ], control = lmerControl(optimizer = o, calc.derivs = FALSE)))))))))
write_json(list(versions = paste(R.version.string, "lme4", packageVersion("lme4")), log_likelihood = out), "slopes.json", digits = 12, auto_unbox = TRUE)
